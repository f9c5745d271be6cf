/** Errors the application answers with. Throw them anywhere; one handler turns them into the error envelope. */

/** What is wrong with one part of the request. */
export interface Detail {
  /** As in `body.title` or `query.limit`. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** An error the client may see: a stable code, a sentence for people, a status. */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: readonly Detail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    status: number,
    details: readonly Detail[] = [],
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.details = details;
    this.headers = headers;
  }
}

/** The request cannot be understood at all. */
export class BadRequestError extends AppError {
  constructor(message: string, code = "BAD_REQUEST") {
    super(code, message, 400);
  }
}

/** No valid credentials (RFC 6750 section 3). */
export class UnauthenticatedError extends AppError {
  constructor(message = "Sign in first", reason = "", options?: ErrorOptions) {
    const challenge = reason ? `Bearer error="${reason}"` : "Bearer";
    super("UNAUTHENTICATED", message, 401, [], { "WWW-Authenticate": challenge }, options);
  }
}

/** The caller is known and may not. */
export class ForbiddenError extends AppError {
  constructor(message = "You may not do this") {
    super("FORBIDDEN", message, 403);
  }
}

/** There is no such thing, or none that the caller may know of. */
export class NotFoundError extends AppError {
  constructor(what = "Resource") {
    super("NOT_FOUND", `${what} not found`, 404);
  }
}

/** The path exists, the method does not; `allowed` are those that do (RFC 9110 section 15.5.6). */
export class MethodNotAllowedError extends AppError {
  constructor(allowed: readonly string[]) {
    super("METHOD_NOT_ALLOWED", "Method Not Allowed", 405, [], { Allow: allowed.join(", ") });
  }
}

/** The request contradicts what is stored. */
export class ConflictError extends AppError {
  constructor(message: string, details: readonly Detail[] = [], code = "CONFLICT") {
    super(code, message, 409, details);
  }
}

/** The row has changed since the version that `If-Match` names. */
export class PreconditionFailedError extends AppError {
  constructor() {
    super("PRECONDITION_FAILED", "The resource has changed; fetch it again", 412);
  }
}

/** The request must say which version it changes (RFC 6585 section 3). */
export class PreconditionRequiredError extends AppError {
  constructor() {
    super("PRECONDITION_REQUIRED", "Send If-Match with the ETag of the version you change", 428);
  }
}

/** The body is longer than the application reads. */
export class PayloadTooLargeError extends AppError {
  constructor(limit: number) {
    super("PAYLOAD_TOO_LARGE", `The body may have at most ${limit} bytes`, 413);
  }
}

/** The body is in a format the application does not read. */
export class UnsupportedMediaTypeError extends AppError {
  constructor() {
    super("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json", 415);
  }
}

/** Parts of the request do not fit; `details` says which and why. */
export class ValidationError extends AppError {
  constructor(details: readonly Detail[], code = "VALIDATION_ERROR") {
    super(code, "The request is not valid", 422, details);
  }
}

/** Too many requests; `retryAfter` is in seconds. */
export class RateLimitedError extends AppError {
  constructor(retryAfter: number) {
    super("RATE_LIMITED", "Too many requests", 429, [], { "Retry-After": String(retryAfter) });
  }
}

/** A service this one needs does not answer; trying again later may help. */
export class UnavailableError extends AppError {
  constructor(message = "Temporarily unavailable", retryAfter = 1, options?: ErrorOptions) {
    super("UNAVAILABLE", message, 503, [], { "Retry-After": String(retryAfter) }, options);
  }
}

/** What the client hears of anything unexpected. */
export function internalError(): AppError {
  return new AppError("INTERNAL_ERROR", "Something went wrong", 500);
}

/** The error for a body that refers to something that does not exist, or that the caller may not know of. */
export function missingReference(field: string): ValidationError {
  return new ValidationError([{ field: `body.${field}`, code: "missing_reference", message: "There is no such row" }]);
}
