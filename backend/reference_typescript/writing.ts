/** Answers to writes: created once however often it is sent, and the header that says which version is meant. */

import { z } from "@hono/zod-openapi";

import { NO_STORE } from "./cacheControl.ts";
import type { AppContext } from "./context.ts";
import type { Connection } from "./database.ts";
import { PreconditionRequiredError } from "./errors.ts";
import { fingerprint, readKey, REPLAYED, runOnce, type Answer } from "./idempotency.ts";
import { now } from "./moments.ts";
import { bodyText } from "./reading.ts";
import { answer as respond, enveloped } from "./responses.ts";

/** `headers` of a route whose creations may be repeated. */
export const IdempotencyKey = z.object({ "Idempotency-Key": z.string().min(1).max(255).optional() });
/** `headers` of a route whose creations must name a key. */
export const RequiredIdempotencyKey = z.object({ "Idempotency-Key": z.string().min(1).max(255) });
/** `headers` of a route that changes a version of a row; optional here, as its absence has a status of its own. */
export const IfMatch = z.object({ "If-Match": z.string().optional() });

/** Makes a row in a transaction. */
export type Create = (connection: Connection) => PromiseLike<{ readonly id: string }>;

/** Where a new row will be found, and how many statements make it. */
export interface Creation {
  /** The path of its collection. */
  readonly location: string;
  readonly statements?: number;
}

/**
 * Asks for the header before anything is read.
 *
 * @throws PreconditionRequiredError it was not sent
 */
export function requireIfMatch(value: string | undefined): string {
  if (value === undefined) throw new PreconditionRequiredError();
  return value;
}

/** The answer to a POST: 201 with the row that `create` makes in a transaction. */
export async function created(context: AppContext, create: Create, creation: Creation): Promise<Response> {
  const { location, statements = 2 } = creation;
  const row = await context.var.services.database.write(create, { statements });
  return send(answerOf(row, location));
}

/**
 * The same, with the first answer again for every repetition of the `Idempotency-Key`, if one was sent.
 *
 * @throws ConflictError the first request with this key is still running
 * @throws AppError the key was used for another request
 */
export async function createdOnce(
  context: AppContext,
  create: Create,
  creation: Creation & { readonly key: string | undefined },
): Promise<Response> {
  const { location } = creation;
  const key = readKey(creation.key);
  if (key === undefined) return created(context, create, creation);
  const { caller, address, services } = context.var;
  const submission = {
    caller: caller ? `${caller.id} ${caller.tenantId ?? ""}`.trimEnd() : address,
    route: `POST ${location}`,
    key,
    fingerprint: fingerprint("POST", context.req.path, await bodyText(context)),
  };
  const { answer, replayed } = await services.database.write((connection) =>
    runOnce(connection, submission, async () => answerOf(await create(connection), location), now()),
  );
  return send(answer, replayed ? REPLAYED : {});
}

function answerOf(row: { readonly id: string }, location: string): Answer {
  return { status: 201, body: enveloped(row), headers: { Location: `${location}/${row.id}` } };
}

function send(answer: Answer, more: Readonly<Record<string, string>> = {}): Response {
  return respond(answer.body, answer.status, { "Cache-Control": NO_STORE, ...answer.headers, ...more });
}
