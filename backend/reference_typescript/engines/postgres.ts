/** PostgreSQL: a bounded pool, short waits, and statements that the server cancels itself. */

import { createHash } from "node:crypto";

import pg from "pg";

import { Bound } from "../columns.ts";
import { chain, OutageError, sqlstate } from "../outages.ts";
import type { Settings } from "../settings.ts";
import type { Engine } from "./engine.ts";
import { handleOf, withHandle, type Connection, type Send, type Work } from "./handle.ts";
import { postgresAddress } from "./urls.ts";

/** Statements a process gives names to, so that each connection plans them once. */
const NAMED_STATEMENTS = 500;
/** Seconds after which a connection is replaced by a new one. */
const RECYCLE_SECONDS = 1800;

const { INT8 } = pg.types.builtins;
/** Numbers and truth values as such, bytes as bytes; all the rest stays text, which the column types read. */
const PARSED: ReadonlySet<number> = new Set([
  pg.types.builtins.BOOL,
  pg.types.builtins.BYTEA,
  pg.types.builtins.INT2,
  pg.types.builtins.INT4,
  pg.types.builtins.FLOAT4,
  pg.types.builtins.FLOAT8,
]);

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number) => {
    if (oid === INT8) return Number;
    return PARSED.has(oid) ? pg.types.getTypeParser(oid) : String;
  }) as pg.CustomTypesConfig["getTypeParser"],
};

/** Connections to one PostgreSQL. */
export class PostgresEngine implements Engine {
  readonly name = "postgres";
  readonly reader: Connection;
  readonly #pool: pg.Pool;
  readonly #connections: number;
  readonly #names: Map<string, string> | null;

  constructor(settings: Settings) {
    this.#connections = settings.databasePoolSize + settings.databasePoolOverflow;
    this.#names = settings.databaseBehindPgbouncer ? null : new Map();
    this.#pool = new pg.Pool(poolOptions(settings, this.#connections));
    // Connections that break while nobody uses them are replaced; nobody has to hear of it.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
    this.reader = handleOf(this.name, (sql, parameters, asLists) => this.#read(sql, parameters, asLists));
  }

  async alone<Result>(work: Work<Result>): Promise<Result> {
    return this.#borrow((client) => withHandle(this.name, this.#sender(client), work));
  }

  async transaction<Result>(work: Work<Result>): Promise<Result> {
    return this.#borrow(async (client) => {
      await this.#send(client, "BEGIN");
      try {
        const result = await withHandle(this.name, this.#sender(client), work);
        await this.#send(client, "COMMIT");
        return result;
      } catch (error) {
        if (!breaks(error)) await this.#send(client, "ROLLBACK");
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** That a pooled connection was lost is seen only when it is used; the read then goes to the next one. */
  async #read(sql: string, parameters: unknown[], asLists: boolean): Promise<unknown[]> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.#connect();
      try {
        const rows = await this.#send(client, sql, parameters, asLists);
        client.release();
        return rows;
      } catch (error) {
        client.release(breaks(error));
        if (!isLost(error) || attempt > this.#connections) throw error;
      }
    }
  }

  async #borrow<Result>(work: (client: pg.PoolClient) => PromiseLike<Result>): Promise<Result> {
    const client = await this.#connect();
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = breaks(error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (cause) {
      // Anything that has no name of PostgreSQL's is the network, or the wait for a free connection.
      throw sqlstate(cause) ? cause : new OutageError("no connection to the database", { cause });
    }
  }

  #sender(client: pg.PoolClient): Send {
    return (sql, parameters, asLists) => this.#send(client, sql, parameters, asLists);
  }

  async #send(client: pg.PoolClient, sql: string, parameters: unknown[] = [], asLists = false): Promise<unknown[]> {
    const name = parameters.length > 0 ? this.#nameOf(sql) : undefined;
    const values = parameters.map((value) => (value instanceof Bound ? value.value : value));
    const query = { text: sql, values, types: TYPES, ...(name && { name }), ...(asLists && { rowMode: "array" }) };
    try {
      return (await client.query(query)).rows as unknown[];
    } catch (cause) {
      throw sqlstate(cause) ? cause : outageOf(cause);
    }
  }

  /** The name of a statement that is sent again and again; none for those that come after the many that have one. */
  #nameOf(sql: string): string | undefined {
    if (this.#names === null) return undefined;
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.size >= NAMED_STATEMENTS) return known;
    const name = createHash("sha1").update(sql).digest("hex");
    this.#names.set(sql, name);
    return name;
  }
}

/** The connection was lost with a statement on its way; one that only takes too long is no such loss. */
class LostError extends OutageError {}

/** What the driver says of a statement that it gave up waiting for; nothing else tells that from a lost connection. */
const TOO_LATE = "Query read timeout";

function outageOf(cause: unknown): OutageError {
  const late = cause instanceof Error && cause.message === TOO_LATE;
  return late ? new OutageError("no answer in time", { cause }) : new LostError("the connection was lost", { cause });
}

/** Whether the connection is of no more use: it is gone, the server closes it, or an answer is outstanding. */
function breaks(error: unknown): boolean {
  return [...chain(error)].some((each) => each instanceof OutageError || isFatal(each));
}

/** Whether another connection may do better. */
function isLost(error: unknown): boolean {
  return [...chain(error)].some((each) => each instanceof LostError || isFatal(each));
}

function isFatal(error: Error): boolean {
  return "severity" in error && error.severity === "FATAL";
}

function poolOptions(settings: Settings, connections: number): pg.PoolConfig {
  const milliseconds = Math.round(settings.databaseStatementTimeout * 1000);
  const shared: pg.PoolConfig = {
    ...postgresAddress(settings.databaseUrl),
    max: connections,
    connectionTimeoutMillis: Math.round(settings.databasePoolTimeout * 1000),
    idleTimeoutMillis: Math.round(settings.databaseIdleSeconds * 1000),
    maxLifetimeSeconds: RECYCLE_SECONDS,
    query_timeout: milliseconds + 500, // the server gives up first, and says why
    keepAlive: true,
  };
  // What pgbouncer does not know at the start of a connection, it refuses.
  if (settings.databaseBehindPgbouncer) return shared;
  return {
    ...shared,
    statement_timeout: milliseconds,
    idle_in_transaction_session_timeout: milliseconds,
    options: "-c jit=off", // it costs more than the short statements of an API take
  };
}
