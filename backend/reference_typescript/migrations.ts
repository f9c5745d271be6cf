/** Migrations: files of plain SQL, each carried out once, in the order of their names, by one process at a time. */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { pgTable, varchar } from "drizzle-orm/pg-core";

import { moment } from "./columns.ts";
import { Database, type Connection } from "./database.ts";
import type { Engine } from "./engines/engine.ts";
import { PostgresEngine } from "./engines/postgres.ts";
import { SqliteEngine } from "./engines/sqlite.ts";
import { isSqlite } from "./engines/urls.ts";
import { now } from "./moments.ts";
import type { Settings } from "./settings.ts";

/** Between two statements of a file, as drizzle-kit writes it. */
const BREAKPOINT = "--> statement-breakpoint";
/** The first line of a file whose statements each run by themselves, as `CREATE INDEX CONCURRENTLY` must. */
const NO_TRANSACTION = "-- no transaction";
/** Key of the advisory lock of whoever migrates. */
const LOCK = 7_016_992_082;
/** Milliseconds between two tries for that lock. */
const RETRY = 200;
/** Seconds a statement of a migration may take. */
const PATIENCE = 86_400;

/** The files that were carried out. */
const schemaMigrations = pgTable("schema_migrations", {
  name: varchar({ length: 255 }).primaryKey(),
  checksum: varchar({ length: 64 }).notNull(),
  applied_at: moment().notNull(),
});

/** A file with its statements. */
interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
  readonly inTransaction: boolean;
}

/** A migration was changed after it had been carried out. */
export class ChangedMigrationError extends Error {
  constructor(name: string) {
    super(`${name} was changed after it had been carried out; put it back, and write another one`);
    this.name = "ChangedMigrationError";
  }
}

/** A migration of SQLite left rows that refer to nothing. */
export class DanglingRowsError extends Error {
  constructor(name: string, tables: readonly string[]) {
    super(`${name} leaves rows that refer to nothing in ${tables.join(", ")}`);
    this.name = "DanglingRowsError";
  }
}

/**
 * Brings the database up to date with the `.sql` files in `folder`.
 *
 * @returns the names of the files that were carried out now
 * @throws ChangedMigrationError one that was carried out before reads differently now
 * @throws DanglingRowsError one would leave rows that refer to nothing
 */
export async function migrate(settings: Settings, folder: string): Promise<string[]> {
  const migrations = await migrationsIn(folder);
  const database = new Database(patientEngine(settings));
  try {
    return database.engine === "postgres"
      ? await onPostgres(database, migrations)
      : await onSqlite(database, migrations);
  } finally {
    await database.close();
  }
}

/** On one connection, which holds the lock: statements without a transaction must have it, too. */
async function onPostgres(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const work = async (connection: Connection): Promise<string[]> => {
    // Asked for again and again: whoever waited within a statement would keep CREATE INDEX CONCURRENTLY waiting.
    while (!(await succeeds(connection, sql`select pg_try_advisory_lock(${LOCK}) as done`))) await sleep(RETRY);
    try {
      await makeLedger(connection);
      const applied: string[] = [];
      for (const migration of await pending(connection, migrations)) {
        await (migration.inTransaction ? inTransaction(connection, migration) : carryOut(connection, migration));
        applied.push(migration.name);
      }
      return applied;
    } finally {
      await connection.execute(sql`select pg_advisory_unlock(${LOCK})`);
    }
  };
  return database.write(work, { statements: 1 });
}

function patientEngine(settings: Settings): Engine {
  const patience = { databasePoolSize: 1, databasePoolOverflow: 0, databaseStatementTimeout: PATIENCE };
  const patient = { ...settings, ...patience };
  // A table that is rebuilt is dropped on the way, which must not take along the rows that refer to it.
  return isSqlite(settings.databaseUrl)
    ? new SqliteEngine(patient, { foreignKeys: false })
    : new PostgresEngine(patient);
}

/** Each in its transaction, which is alone in the file. */
async function onSqlite(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  await database.write(makeLedger);
  const applied: string[] = [];
  for (const migration of migrations) {
    const carriedOut = await database.write(async (connection) => {
      const [due] = await pending(connection, [migration]);
      if (due) {
        await carryOut(connection, due);
        await requireWhole(connection, due.name);
      }
      return due !== undefined;
    });
    if (carriedOut) applied.push(migration.name);
  }
  return applied;
}

async function inTransaction(connection: Connection, migration: Migration): Promise<void> {
  await connection.execute(sql`begin`);
  try {
    await carryOut(connection, migration);
    await connection.execute(sql`commit`);
  } catch (error) {
    await connection.execute(sql`rollback`);
    throw error;
  }
}

async function carryOut(connection: Connection, { name, checksum, statements }: Migration): Promise<void> {
  for (const statement of statements) await connection.execute(sql.raw(statement));
  await connection.insert(schemaMigrations).values({ name, checksum, applied_at: now() });
}

/** What the foreign keys would have refused, had they been looked at. */
async function requireWhole(connection: Connection, name: string): Promise<void> {
  const dangling = await connection.execute(sql`pragma foreign_key_check`);
  if (dangling.length > 0) throw new DanglingRowsError(name, [...new Set(dangling.map((row) => String(row["table"])))]);
}

/** Those that have not been carried out yet. */
async function pending(connection: Connection, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await connection.select().from(schemaMigrations);
  const checksums = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of migrations) {
    const before = checksums.get(name);
    if (before !== undefined && before !== checksum) throw new ChangedMigrationError(name);
  }
  return migrations.filter(({ name }) => !checksums.has(name));
}

async function makeLedger(connection: Connection): Promise<void> {
  await connection.execute(sql`
    create table if not exists schema_migrations (
      name varchar(255) primary key,
      checksum varchar(64) not null,
      applied_at timestamp with time zone not null
    )
  `);
}

async function succeeds(connection: Connection, question: ReturnType<typeof sql>): Promise<boolean> {
  const [row] = await connection.execute(question);
  return row?.["done"] === true;
}

async function migrationsIn(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(names.map(async (name) => migrationOf(name, await readFile(join(folder, name), "utf8"))));
}

function migrationOf(name: string, text: string): Migration {
  return {
    name,
    checksum: createHash("sha256").update(text).digest("hex"),
    statements: text.split(BREAKPOINT).filter((statement) => /^\s*(?!--)\S/m.test(statement)),
    inTransaction: !text.startsWith(NO_TRANSACTION),
  };
}
