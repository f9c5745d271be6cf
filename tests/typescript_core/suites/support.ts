/** A small application on the core, on the engine and Redis that the environment names. */

import { randomBytes } from "node:crypto";

import { createRoute, z } from "@hono/zod-openapi";
import { and, desc, eq, sql } from "drizzle-orm";
import { integer, pgTable, varchar } from "drizzle-orm/pg-core";
import { SignJWT } from "jose";

import { createApplication } from "../src/core/application.ts";
import { boolean, bytes, day, decimal, document, moment, uuid } from "../src/core/columns.ts";
import { etagOfVersion, requireMatch } from "../src/core/conditional.ts";
import type { Api } from "../src/core/context.ts";
import type { Connection, Database } from "../src/core/database.ts";
import { cursorPage, envelope, errors, jsonContent } from "../src/core/envelope.ts";
import { NotFoundError } from "../src/core/errors.ts";
import { emitChange } from "../src/core/events/changes.ts";
import { uuid7 } from "../src/core/ids.ts";
import { loggers } from "../src/core/logs.ts";
import type { CachedRoute } from "../src/core/middleware/answerCache.ts";
import { now } from "../src/core/moments.ts";
import { CursorText, pageLimit, pageOf, readCursor, SearchText } from "../src/core/pagination.ts";
import { behind, contains, only } from "../src/core/queries.ts";
import { limitOf, type Limit } from "../src/core/rateLimit.ts";
import { done, enveloped, representation, success } from "../src/core/responses.ts";
import { endpoint } from "../src/core/routing.ts";
import { servicesOf, type Services } from "../src/core/services.ts";
import { readSettings, type Settings } from "../src/core/settings.ts";
import * as values from "../src/core/values.ts";
import { createdOnce, IdempotencyKey, IfMatch, requireIfMatch } from "../src/core/writing.ts";

export const SECRET = "a secret of the tests that is long enough: 0123456789";
export const settings: Settings = readSettings(
  { databaseUrl: "sqlite:///:memory:", jwtIssuer: "tests", jwtAudience: "notes", jwtSecret: SECRET },
  {
    ...process.env,
    ENVIRONMENT: "test",
    DATABASE_URL: process.env["DATABASE_URL"]?.replace("FOLDER", import.meta.dirname),
  },
);

export const notes = pgTable("notes", {
  id: uuid().primaryKey(),
  owner_id: uuid(),
  title: varchar({ length: 50 }).notNull().unique(),
  version: integer().notNull(),
  created_at: moment().notNull(),
});

export const samples = pgTable("samples", {
  id: uuid().primaryKey(),
  note_id: uuid(),
  moment: moment(),
  day: day(),
  price: decimal({ precision: 15, scale: 2 }),
  flag: boolean(),
  document: document(),
  bytes: bytes(),
});

const TABLES = ["samples", "notes", "idempotency_keys", "outbox_events", "processed_events", "periodic_jobs"];

const PLATFORM = [
  `create table idempotency_keys (caller varchar(255), route varchar(255), key varchar(255),
     fingerprint varchar(64) not null, status smallint not null, headers JSON not null, body BINARY not null,
     created_at MOMENT not null, primary key (caller, route, key))`,
  `create table outbox_events (sequence SERIAL primary key, id UUID not null unique, type varchar(200) not null,
     aggregate_id UUID not null, tenant_id UUID, payload JSON not null, occurred_at MOMENT not null,
     attempts integer not null, next_attempt_at MOMENT not null, published_at MOMENT, failed_at MOMENT, error text)`,
  `create table processed_events (consumer varchar(100), event_id UUID, processed_at MOMENT not null,
     primary key (consumer, event_id))`,
  "create table periodic_jobs (name varchar(100) primary key, due_at MOMENT not null)",
  `create table notes (id UUID primary key, owner_id UUID, title varchar(50) not null unique, version integer not null,
     created_at MOMENT not null)`,
  `create table samples (id UUID primary key, note_id UUID references notes (id), moment MOMENT, day date,
     price DECIMAL, flag boolean, document JSON, bytes BINARY)`,
];

const TYPES = {
  postgres: {
    UUID: "uuid",
    MOMENT: "timestamptz",
    JSON: "jsonb",
    BINARY: "bytea",
    SERIAL: "bigserial",
    DECIMAL: "numeric(15, 2)",
  },
  sqlite: { UUID: "char(32)", MOMENT: "datetime", JSON: "json", BINARY: "blob", SERIAL: "integer", DECIMAL: "float" },
};

/** The tables of the application and of the core, as its migrations would make them. */
export async function makeTables(database: Database): Promise<void> {
  const types: Record<string, string> = TYPES[database.engine];
  await database.write(async (connection) => {
    for (const table of TABLES) await connection.execute(sql.raw(`drop table if exists ${table}`));
    for (const statement of PLATFORM) {
      await connection.execute(sql.raw(statement.replace(/\b[A-Z]+\b/g, (name) => types[name] ?? name)));
    }
  });
}

export async function empty(database: Database): Promise<void> {
  await database.write(async (connection) => {
    for (const table of TABLES) await connection.execute(sql.raw(`delete from ${table}`));
  });
}

export async function addNote(connection: Connection, title: string, created_at: string = now()): Promise<string> {
  const id = uuid7();
  await connection.insert(notes).values({ id, title, version: 1, created_at, owner_id: null });
  return id;
}

/** The lines that were logged. */
export class Lines {
  readonly lines: string[] = [];
  readonly loggers = loggers("debug", (line) => this.lines.push(line));

  named(logger: string): Record<string, unknown>[] {
    return this.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line["logger"] === logger);
  }
}

export interface TokenOptions {
  readonly sub?: string;
  readonly roles?: unknown;
  readonly tenant_id?: string;
  readonly typ?: string;
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly lifetime?: number;
  readonly issuedAt?: number;
  readonly secret?: string;
  readonly without?: readonly string[];
}

/** A token as the service that signs people in makes it, but for what the options say. */
export async function token(options: TokenOptions = {}): Promise<string> {
  const issuedAt = options.issuedAt ?? Math.floor(Date.now() / 1000);
  const claims: Record<string, unknown> = {
    sub: options.sub ?? uuid7(),
    iss: options.issuer ?? settings.jwtIssuer,
    aud: options.audience ?? settings.jwtAudience,
    iat: issuedAt,
    exp: issuedAt + (options.lifetime ?? 600),
    jti: randomBytes(8).toString("hex"),
    roles: options.roles ?? [],
    ...(options.tenant_id && { tenant_id: options.tenant_id }),
  };
  for (const name of options.without ?? []) delete claims[name];
  const header = { alg: "HS256", typ: options.typ ?? "at+jwt" };
  return new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(options.secret ?? SECRET));
}

const Note = z
  .object({
    id: z.string(),
    owner_id: z.string().nullable(),
    title: z.string(),
    version: z.int(),
    created_at: z.string(),
  })
  .openapi("NoteRead");
const NoteCreate = z.strictObject({ title: values.text(1, 50) }).openapi("NoteCreate");
const NoteParams = z.object({ note_id: values.uuid() });
const ListQuery = z.strictObject({
  cursor: CursorText.optional(),
  limit: pageLimit(100, 20),
  q: SearchText.optional(),
});

const one = { 200: { description: "A note", content: jsonContent(envelope(Note)) }, ...errors(404, 422) };
const listNotes = createRoute({
  method: "get",
  path: "/notes",
  operationId: "list_notes",
  request: { query: ListQuery },
  responses: { 200: { description: "Notes", content: jsonContent(cursorPage(Note)) }, ...errors(422) },
});
const getNote = createRoute({
  method: "get",
  path: "/notes/{note_id}",
  operationId: "get_note",
  request: { params: NoteParams },
  responses: one,
});
const createNote = createRoute({
  method: "post",
  path: "/notes",
  operationId: "create_note",
  request: { headers: IdempotencyKey, body: { required: true, content: jsonContent(NoteCreate) } },
  responses: { 201: { description: "A note", content: jsonContent(envelope(Note)) }, ...errors(401, 409, 422) },
});
const updateNote = createRoute({
  method: "patch",
  path: "/notes/{note_id}",
  operationId: "update_note",
  request: {
    headers: IfMatch,
    params: NoteParams,
    body: { required: true, content: jsonContent(NoteCreate.partial()) },
  },
  responses: one,
});
const deleteNote = createRoute({
  method: "delete",
  path: "/notes/{note_id}",
  operationId: "delete_note",
  request: { params: NoteParams },
  responses: { 204: { description: "Gone" }, ...errors(404) },
});

/** Creations may happen so often a minute. */
export const CREATIONS: Limit = limitOf("create_note", 1000, 60);

export function addNotes(api: Api): void {
  endpoint(api, listNotes, { signedIn: false }, async ({ context, query }) => {
    const { cursor, q, limit } = query;
    const where = and(
      cursor === undefined ? undefined : behind(notes.created_at, notes.id, readCursor(cursor)),
      q === undefined ? undefined : contains(notes.title, q),
    );
    const order = [desc(notes.created_at), desc(notes.id)];
    const rows = await context.var.services.database.read((connection) =>
      connection
        .select()
        .from(notes)
        .where(where)
        .orderBy(...order)
        .limit(limit + 1),
    );
    const [page, next] = pageOf(rows, limit);
    return representation(context, enveloped(page, { limit, next_cursor: next }));
  });
  endpoint(api, createNote, { signedIn: true, limit: CREATIONS }, async ({ context, caller, body, headers }) => {
    const create = async (connection: Connection) => {
      const note = { id: uuid7(), owner_id: caller.id, title: body.title, version: 1, created_at: now() };
      const row = only(await connection.insert(notes).values(note).returning());
      await emitChange(connection, "note.created", [row]);
      return row;
    };
    const answer = await createdOnce(context, create, { location: "/notes", key: headers["idempotency-key"] });
    await context.var.services.cache.invalidate("notes");
    return answer;
  });
  endpoint(api, getNote, { signedIn: false }, async ({ context, params }) => {
    const [row] = await context.var.services.database.read((connection) =>
      connection.select().from(notes).where(eq(notes.id, params.note_id)),
    );
    if (row === undefined) throw new NotFoundError("Note");
    return representation(context, enveloped(row), { etag: etagOfVersion(row.version) });
  });
  endpoint(api, updateNote, { signedIn: true }, async ({ context, params, body, headers }) => {
    const ifMatch = requireIfMatch(headers["if-match"]);
    const row = await context.var.services.database.write(async (connection) => {
      const [found] = await connection.select().from(notes).where(eq(notes.id, params.note_id)).for("update");
      if (found === undefined) throw new NotFoundError("Note");
      requireMatch(ifMatch, etagOfVersion(found.version));
      const change = { ...(body.title !== undefined && { title: body.title }), version: found.version + 1 };
      return only(await connection.update(notes).set(change).where(eq(notes.id, found.id)).returning());
    });
    await context.var.services.cache.invalidate("notes");
    return success(row, 200, { ETag: etagOfVersion(row.version) });
  });
  endpoint(api, deleteNote, { signedIn: true }, async ({ context, params }) => {
    await context.var.services.database.write((connection) =>
      connection.delete(notes).where(eq(notes.id, params.note_id)),
    );
    return done();
  });
  api.get("/broken", () => {
    throw new Error("the password is hunter2");
  });
}

export interface Running {
  readonly api: Api;
  readonly services: Services;
  readonly lines: Lines;
}

/** The application, with these settings in the place of the environment's. */
export function application(
  changed: Partial<Settings> = {},
  {
    limit = limitOf("default", 100_000, 60),
    cached = [] as readonly CachedRoute[],
    services: given = {} as Partial<Services>,
  } = {},
): Running {
  const lines = new Lines();
  const services = { ...servicesOf({ ...settings, ...changed }, lines.loggers), ...given };
  const documented = { title: "notes", version: "1.0.0", description: "For the tests." };
  return { api: createApplication({ services, routes: [addNotes], limit, cached, ...documented }), services, lines };
}

export interface Problem {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: readonly Record<string, string>[];
  };
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Problem & { readonly data: never; readonly meta: Record<string, unknown> };
}

/** Asks the application; what has a body says that it is JSON. */
export async function ask(
  api: Api,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): Promise<Asked> {
  const sent = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const type: Record<string, string> = sent === null ? {} : { "Content-Type": "application/json" };
  const answer = await api.request(path, { method, body: sent, headers: { ...type, ...headers } });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: (text ? JSON.parse(text) : {}) as Asked["json"],
  };
}

/** The header of somebody who is signed in. */
export async function signedIn(options: TokenOptions = {}): Promise<{ Authorization: string }> {
  return { Authorization: `Bearer ${await token(options)}` };
}
