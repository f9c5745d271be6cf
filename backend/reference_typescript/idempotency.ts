/**
 * Exactly-once creates: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).
 *
 * The record of a request is written in the transaction of its effect: both are committed or neither is, whatever
 * dies in between. A request that fails leaves no record, so a corrected one may use the same key.
 */

import { createHash } from "node:crypto";

import { and, eq, lt, sql, type SQL } from "drizzle-orm";
import { index, pgTable, primaryKey, smallint, varchar } from "drizzle-orm/pg-core";

import { bytes, document, moment } from "./columns.ts";
import type { Connection } from "./database.ts";
import { AppError, ConflictError, ValidationError } from "./errors.ts";
import { sqlstate } from "./outages.ts";

const KEY = /^[\x20-\x7e]{1,255}$/;
const LOCK_NOT_AVAILABLE = "55P03";

/** The header of an answer that was given before. */
export const REPLAYED = { "Idempotency-Replayed": "true" } as const;

/** Requests that were carried out, with their answers. Within the transaction of the effect `status` is 0. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    caller: varchar({ length: 255 }).notNull(),
    route: varchar({ length: 255 }).notNull(),
    key: varchar({ length: 255 }).notNull(),
    fingerprint: varchar({ length: 64 }).notNull(),
    status: smallint().notNull(),
    headers: document().notNull(),
    body: bytes().notNull(),
    created_at: moment().notNull(),
  },
  (table) => [
    primaryKey({ name: "pk_idempotency_keys", columns: [table.caller, table.route, table.key] }),
    index("ix_idempotency_keys_created_at").on(table.created_at),
  ],
);

/** A request that is to take effect once: the same caller, route and key are the same submission. */
export interface Submission {
  readonly caller: string;
  /** Method and path template, as in `POST /api/v1/posts`. */
  readonly route: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** What the client was told. Of the headers only those that belong to the effect, as `Location`. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer, and whether it is a replay of the first one. */
export interface Outcome {
  readonly answer: Answer;
  readonly replayed: boolean;
}

/**
 * The key a request was sent with.
 *
 * @throws ValidationError it is not 1 to 255 printable ASCII characters
 */
export function readKey(value: string | undefined): string | undefined {
  if (value === undefined || KEY.test(value)) return value;
  const message = "Must be 1 to 255 printable ASCII characters";
  throw new ValidationError([{ field: "header.idempotency-key", code: "invalid", message }]);
}

/** What tells two requests apart: SHA-256 of method, path and body, whose spaces and order of keys do not count. */
export function fingerprint(method: string, path: string, body: string): string {
  return createHash("sha256")
    .update(`${method} ${JSON.stringify(path)}\n${canonical(body)}`)
    .digest("hex");
}

/**
 * Runs `effect` unless the submission has had it.
 *
 * `connection` is in a transaction (READ COMMITTED) that the caller commits, and `effect` uses it as well. `lockWait`
 * (milliseconds) is how long to wait for the same submission in another transaction. SQLite has one writer at a time,
 * so there the wait is that of the database.
 *
 * @throws ConflictError another transaction is still busy with it (`IDEMPOTENCY_IN_PROGRESS`)
 * @throws AppError another request was sent with this key (422 `IDEMPOTENCY_MISMATCH`), or whatever `effect` throws;
 *   let it end the transaction, which takes the record back
 */
export async function runOnce(
  connection: Connection,
  submission: Submission,
  effect: () => Promise<Answer>,
  now: string,
  lockWait = 1500,
): Promise<Outcome> {
  while (!(await claim(connection, submission, now, lockWait))) {
    const first = await firstAnswer(connection, submission);
    if (first !== null) return { answer: first, replayed: true }; // else it has just been purged
  }
  const answer = await effect();
  const { status, headers, body } = answer;
  await connection
    .update(idempotencyKeys)
    .set({ status, headers: { ...headers }, body: Buffer.from(body) })
    .where(is(submission));
  return { answer, replayed: false };
}

/** Forgets what was submitted before then. */
export async function purgeIdempotencyKeys(connection: Connection, before: string): Promise<void> {
  await connection.delete(idempotencyKeys).where(lt(idempotencyKeys.created_at, before));
}

function is({ caller, route, key }: Submission): SQL | undefined {
  const table = idempotencyKeys;
  return and(eq(table.caller, caller), eq(table.route, route), eq(table.key, key));
}

/** Writes the record unless there is one. A record that is not committed yet is waited for. */
async function claim(connection: Connection, submission: Submission, now: string, lockWait: number): Promise<boolean> {
  const postgres = connection.engine === "postgres";
  if (postgres) await connection.execute(sql`select set_config('lock_timeout', ${`${lockWait}ms`}, true)`);
  const record = { ...submission, status: 0, headers: {}, body: new Uint8Array(), created_at: now };
  try {
    const inserted = await connection
      .insert(idempotencyKeys)
      .values(record)
      .onConflictDoNothing()
      .returning({ status: idempotencyKeys.status });
    if (postgres && inserted.length > 0) await connection.execute(sql`set local lock_timeout to default`);
    return inserted.length > 0;
  } catch (error) {
    if (sqlstate(error) !== LOCK_NOT_AVAILABLE) throw error;
    throw new ConflictError("A request with this Idempotency-Key is still running", [], "IDEMPOTENCY_IN_PROGRESS");
  }
}

async function firstAnswer(connection: Connection, submission: Submission): Promise<Answer | null> {
  const [row] = await connection.select().from(idempotencyKeys).where(is(submission));
  if (row === undefined) return null;
  if (row.fingerprint !== submission.fingerprint) {
    throw new AppError("IDEMPOTENCY_MISMATCH", "This Idempotency-Key was used for another request", 422);
  }
  const headers = row.headers as Record<string, string>;
  return { status: row.status, body: Buffer.from(row.body).toString(), headers };
}

/** JSON with sorted keys; what is no JSON as it is. */
function canonical(body: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(body)));
  } catch {
    return body; // no JSON, or nested too deeply to be written again
  }
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return { object: entries.map(([name, inner]) => [name, sorted(inner)]) };
}
