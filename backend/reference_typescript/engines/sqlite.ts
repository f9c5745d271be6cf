/** SQLite, by the driver in Node: one connection that writes, one that reads beside it. */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { Bound } from "../columns.ts";
import { OutageError } from "../outages.ts";
import type { Settings } from "../settings.ts";
import type { Engine } from "./engine.ts";
import { handleOf, withHandle, type Connection, type Work } from "./handle.ts";
import { Turns } from "./turns.ts";
import { forSqlite } from "./translation.ts";
import { sqlitePath } from "./urls.ts";

/** Statements that are kept prepared. */
const PREPARED = 200;
/** Milliseconds between two tries for the lock that another process holds. */
const RETRY = 5;
/** The primary result code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/** A database file. */
export class SqliteEngine implements Engine {
  readonly name = "sqlite";
  readonly reader: Connection;
  readonly #settings: Settings;
  readonly #turns = new Turns();
  readonly #foreignKeys: boolean;
  #writing: Link | null = null;
  #reading: Link | null = null;

  /** Without `foreignKeys` none is looked at, as SQLite advises for the rebuilding of tables. */
  constructor(settings: Settings, { foreignKeys = true } = {}) {
    this.#settings = settings;
    this.#foreignKeys = foreignKeys;
    this.reader = handleOf(this.name, (sql, parameters, asLists) => this.#read(sql, parameters, asLists));
  }

  async alone<Result>(work: Work<Result>): Promise<Result> {
    // A lock that takes a moment can only be waited for before a transaction, not in a statement.
    return this.transaction(work);
  }

  async transaction<Result>(work: Work<Result>): Promise<Result> {
    return this.#turns.take(this.#patience, async () => {
      const link = this.#writer();
      await this.#begin(link);
      try {
        const result = await withHandle(this.name, async (...query) => link.run(...query), work);
        link.run("COMMIT");
        return result;
      } catch (error) {
        if (link.inTransaction) link.run("ROLLBACK");
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#turns.take(this.#patience, async () => {
      this.#reading?.close();
      this.#writing?.close();
      this.#reading = this.#writing = null;
    });
  }

  async #read(sql: string, parameters: unknown[], asLists: boolean): Promise<unknown[]> {
    if (sqlitePath(this.#settings.databaseUrl) === ":memory:") {
      // There is only the connection that writes; whoever reads waits for its transaction.
      return this.#turns.take(this.#patience, async () => this.#writer().run(sql, parameters, asLists));
    }
    this.#writer(); // the first connection makes the file, and its log that lets others read meanwhile
    this.#reading ??= new Link(this.#settings, this.#foreignKeys);
    return this.#reading.run(sql, parameters, asLists);
  }

  /**
   * A transaction that takes its lock at once: one that begins by reading and then writes could otherwise fail
   * halfway. The driver would stop the whole process while it waits for the lock of another one, so it waits here.
   */
  async #begin(link: Link): Promise<void> {
    const deadline = performance.now() + this.#settings.databaseStatementTimeout * 1000;
    for (;;) {
      try {
        link.run("BEGIN IMMEDIATE");
        return;
      } catch (error) {
        if (!(error instanceof OutageError) || performance.now() > deadline) throw error;
        await sleep(RETRY);
      }
    }
  }

  get #patience(): number {
    return this.#settings.databasePoolTimeout * 1000;
  }

  #writer(): Link {
    return (this.#writing ??= new Link(this.#settings, this.#foreignKeys));
  }
}

/** One connection with the statements it has prepared. */
class Link {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(settings: Settings, enableForeignKeyConstraints: boolean) {
    // Asked for where it is used: where it is new, Node remarks on it even to those who use another engine.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    this.#database = new DatabaseSync(sqlitePath(settings.databaseUrl), { enableForeignKeyConstraints, timeout: 50 });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  run(sql: string, parameters: readonly unknown[] = [], asLists = false): unknown[] {
    try {
      const statement = this.#prepared(sql);
      statement.setReturnArrays(asLists);
      const rows: unknown[] = statement.all(...parameters.map(kept));
      return asLists ? rows : rows.map((row) => ({ ...(row as object) })); // the driver's have no prototype
    } catch (cause) {
      throw isBusy(cause) ? new OutageError("the database is locked", { cause }) : cause;
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(forSqlite(sql));
      if (this.#statements.size >= PREPARED) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A value as SQLite keeps it. */
function kept(value: unknown): SQLInputValue {
  if (!(value instanceof Bound)) return (typeof value === "boolean" ? Number(value) : value) as SQLInputValue;
  switch (value.kind) {
    case "uuid":
      return String(value.value).replaceAll("-", "");
    case "moment":
      return naive(String(value.value));
    case "decimal":
    case "boolean":
      return Number(value.value);
    case "document":
      return String(value.value);
  }
}

/** In UTC, without saying so, and always as long, so that texts compare like moments. */
function naive(moment: string): string {
  return `${moment.slice(0, 10)} ${moment.slice(11, 19)}.${moment.slice(20, -1).padEnd(6, "0")}`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
