/** The shape of every answer: `{data, meta}` or `{error}`. */

import { z } from "@hono/zod-openapi";
import type { ZodType } from "zod";

const NoMeta = z.object({}).openapi("NoMeta", { description: "Nothing to say beside the data." });
const PageMeta = z
  .object({ page: z.int(), limit: z.int(), total: z.int() })
  .openapi("PageMeta", { description: "Where in a list of known length this page is." });
const CursorMeta = z
  .object({ limit: z.int(), next_cursor: z.string().nullable() })
  .openapi("CursorMeta", { description: "How to go on in a list that grows; null at its end." });
const ErrorDetail = z
  .object({ field: z.string(), code: z.string(), message: z.string() })
  .openapi("ErrorDetail", { description: "What is wrong with one part of the request." });
const Problem = z.object({ code: z.string(), message: z.string(), details: z.array(ErrorDetail) }).openapi("Problem", {
  description: "What went wrong: a stable code, a sentence, and the parts of the request concerned.",
});
/** Every answer that is not a success. */
export const ErrorEnvelope = z
  .object({ error: Problem })
  .openapi("ErrorEnvelope", { description: "Every answer that is not a success." });

/** One thing. */
export function envelope<Data extends ZodType>(data: Data) {
  return z.object({ data, meta: NoMeta });
}

/** A numbered page of a list. */
export function page<Item extends ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: PageMeta });
}

/** The rows that follow a cursor. */
export function cursorPage<Item extends ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: CursorMeta });
}

const DESCRIPTIONS = {
  400: "The request cannot be understood",
  401: "No valid credentials",
  403: "The caller may not do this",
  404: "There is no such resource",
  409: "The request contradicts what is stored",
  412: "The resource has changed since",
  413: "The body is too long",
  415: "The body is not JSON",
  422: "Parts of the request are not valid",
  428: "If-Match is required",
  429: "Too many requests",
  500: "Something went wrong",
  503: "Temporarily unavailable",
} as const;

/** A status of an error. */
export type ErrorStatus = keyof typeof DESCRIPTIONS;

/** What any operation can answer. */
const ANYWHERE = [429, 500, 503] as const;

/** What a read answers to whoever has the representation already. */
export const NOT_MODIFIED = { 304: { description: "What If-None-Match names is still current" } };

/** A JSON body of this schema, for the documentation of a route. */
export function jsonContent<Schema extends ZodType>(schema: Schema) {
  return { "application/json": { schema } };
}

/** The error answers of an operation, for its documentation. */
export function errors(...statuses: readonly ErrorStatus[]) {
  const all = [...new Set([...statuses, ...ANYWHERE])].sort((one, other) => one - other);
  return Object.fromEntries(
    all.map((status) => [status, { description: DESCRIPTIONS[status], content: jsonContent(ErrorEnvelope) }]),
  );
}
