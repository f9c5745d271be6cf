/** What a request brings, read once and checked by the schemas of its route. */

import type { ZodObject, ZodType } from "zod";

import type { AppContext } from "./context.ts";
import { AppError, BadRequestError, UnsupportedMediaTypeError, ValidationError } from "./errors.ts";
import { detailsOf, type Part } from "./problems.ts";

const JSON_SUBTYPE = /^application\/(?:[^;\s]+\+)?json$/;
const KEY = /^header\.idempotency-key$/i;
const DECODER = new TextDecoder("utf-8", { fatal: true });

/**
 * Refuses a query string that nothing reads: a filter that is misspelt must not be silently nothing.
 *
 * @throws ValidationError there is one
 */
export function refuseQuery(context: AppContext): void {
  const names = Object.keys(context.req.query());
  if (names.length === 0) return;
  const message = "There is no such parameter";
  throw new ValidationError(names.map((name) => ({ field: `query.${name}`, code: "extra_forbidden", message })));
}

/**
 * The text of the body.
 *
 * @throws BadRequestError it is not UTF-8
 */
export async function bodyText(context: AppContext): Promise<string> {
  const bytes = await context.req.arrayBuffer();
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new BadRequestError("The body is not valid JSON");
  }
}

/**
 * The JSON value in the body.
 *
 * @throws UnsupportedMediaTypeError it says that it is something else
 * @throws ValidationError it is missing, or does not say what it is
 * @throws BadRequestError it is no JSON
 */
export async function readBody(context: AppContext): Promise<unknown> {
  const type = context.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const text = await bodyText(context);
  if (!text) throw invalidBody("missing", "Field required");
  if (type && !JSON_SUBTYPE.test(type)) throw new UnsupportedMediaTypeError();
  if (!type) throw invalidBody("dict_type", "Send the body as application/json");
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestError("The body is not valid JSON");
  }
}

/**
 * A part of the request as its schema reads it.
 *
 * @throws AppError it does not fit
 */
export function readPart(part: Part, schema: ZodType, sent: unknown): unknown {
  const read = schema.safeParse(sent, { reportInput: true });
  if (read.success) return read.data;
  const details = detailsOf(part, read.error.issues);
  if (details.some(({ field, code }) => KEY.test(field) && code === "missing")) {
    throw new AppError("IDEMPOTENCY_KEY_REQUIRED", "Send an Idempotency-Key with this request", 400);
  }
  throw new ValidationError(details);
}

/**
 * The headers that a schema names, by their names in small letters.
 *
 * @throws AppError they do not fit
 */
export function readHeaders(schema: ZodObject, context: AppContext): unknown {
  const names = Object.keys(schema.shape).map((name) => [name, context.req.header(name)] as const);
  const sent = Object.fromEntries(names.filter(([, value]) => value !== undefined));
  const read = readPart("header", schema, sent) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name.toLowerCase(), value]));
}

function invalidBody(code: string, message: string): ValidationError {
  return new ValidationError([{ field: "body", code, message }]);
}
