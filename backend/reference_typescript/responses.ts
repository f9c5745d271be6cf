/** Answers: the envelope around rows, validators and cache headers, 304 where the client has it already. */

import type { Context } from "hono";

import { NO_CACHE, NO_STORE } from "./cacheControl.ts";
import { etagOf, ifNoneMatch } from "./conditional.ts";

export const JSON_TYPE = "application/json";

/** `{data, meta}` as it is sent. */
export function enveloped(data: unknown, meta: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ data, meta });
}

/** A JSON text as an answer; it is not stored unless the headers say so. */
export function answer(body: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { "Content-Type": JSON_TYPE, "Cache-Control": NO_STORE, ...headers } });
}

/** An answer to a write. */
export function success(data: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(enveloped(data), status, headers);
}

/** The answer to a write that leaves nothing to show. */
export function done(): Response {
  return new Response(null, { status: 204, headers: { "Cache-Control": NO_STORE } });
}

/** What a read may say besides its body. */
export interface Validators {
  /** Of the body's version; its hash if there is none. */
  readonly etag?: string;
  readonly cacheControl?: string;
}

/** The answer to a read: `body`, or 304 where `If-None-Match` names its ETag (RFC 9110 section 13.1.2). */
export function representation(context: Context, body: string, validators: Validators = {}): Response {
  return conditionally(context.req.header("if-none-match"), body, validators);
}

/** The same for an `If-None-Match` that has been read already. */
export function conditionally(wanted: string | undefined, body: string, validators: Validators = {}): Response {
  const { etag = etagOf(body), cacheControl = NO_CACHE } = validators;
  const headers = { ETag: etag, "Cache-Control": cacheControl, Vary: "Authorization" };
  return ifNoneMatch(wanted, etag) ? new Response(null, { status: 304, headers }) : answer(body, 200, headers);
}
