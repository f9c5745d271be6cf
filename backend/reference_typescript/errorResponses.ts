/** Every error, whoever threw it, in the one envelope. */

import { HTTPException } from "hono/http-exception";

import type { Api, AppContext } from "./context.ts";
import { AppError, internalError, MethodNotAllowedError, NotFoundError } from "./errors.ts";
import { conflictOf } from "./integrity.ts";
import type { Logger } from "./logs.ts";
import { methodsOf } from "./methods.ts";
import { answer } from "./responses.ts";

const CODES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

/** `{error: {code, message, details}}` with the error's status and headers. */
export function errorResponse({ code, message, details, status, headers }: AppError): Response {
  return answer(JSON.stringify({ error: { code, message, details } }), status, headers);
}

/** What the client hears of an error: the application's own, a violated constraint, or nothing about the rest. */
export function appErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new AppError(CODES[error.status] ?? "HTTP_ERROR", error.message, error.status);
  }
  return conflictOf(error) ?? internalError();
}

/** Answers whatever is thrown, and paths and methods that are not there. What nobody expected is logged whole. */
export function installErrorHandlers(api: Api, logger: Logger): void {
  const allowed = methodsOf(api);
  api.onError((error, context: AppContext) => {
    const answered = appErrorOf(error);
    if (answered.status === 500) {
      logger.error("unexpected error", { request_id: context.var.requestId, exception: error });
    }
    return errorResponse(answered);
  });
  api.notFound((context: AppContext) => {
    const methods = allowed(context.req.path);
    return errorResponse(methods.length > 0 ? new MethodNotAllowedError(methods) : new NotFoundError());
  });
}
