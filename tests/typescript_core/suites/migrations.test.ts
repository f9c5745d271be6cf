import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";

import { sql } from "drizzle-orm";

import { Database } from "../src/core/database.ts";
import { ChangedMigrationError, DanglingRowsError, migrate } from "../src/core/migrations.ts";
import { settings } from "./support.ts";

describe("migrations", () => {
  const BREAK = "\n--> statement-breakpoint\n";

  const database = Database.of(settings);
  const base = mkdtempSync(join(tmpdir(), "migrations-"));
  after(async () => {
    rmSync(base, { recursive: true });
    await database.close();
  });
  beforeEach(async () => {
    await database.write(async (connection) => {
      for (const table of ["b", "a", "schema_migrations"])
        await connection.execute(sql.raw(`drop table if exists ${table}`));
    });
  });

  /** A folder with these files. */
  function folderOf(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(base, "f-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  async function rows(statement: string): Promise<unknown[]> {
    return database.read((connection) => connection.execute(sql.raw(statement)));
  }

  const FIRST = { "0000_first.sql": "create table a (id integer primary key)" };
  const SECOND = {
    "0001_second.sql": [
      "insert into a (id) values (1)",
      "-- of a file that says more",
      "insert into a (id) values (2)",
    ].join(BREAK),
  };

  test("files are carried out once, in the order of their names", async () => {
    const folder = folderOf({ ...SECOND, ...FIRST, "README.md": "no migration" });
    assert.deepEqual(await migrate(settings, folder), ["0000_first.sql", "0001_second.sql"]);
    assert.deepEqual(await migrate(settings, folder), []);
    assert.deepEqual(await rows("select id from a order by id"), [{ id: 1 }, { id: 2 }]);
  });

  test("a file that fails leaves nothing of it behind, and the files before it stay", async () => {
    const broken = {
      "0001_broken.sql": ["insert into a (id) values (1)", "insert into nowhere values (1)"].join(BREAK),
    };
    await assert.rejects(migrate(settings, folderOf({ ...FIRST, ...broken })));
    assert.deepEqual(await rows("select id from a"), []);
    assert.deepEqual(await rows("select name from schema_migrations"), [{ name: "0000_first.sql" }]);
    assert.deepEqual(await migrate(settings, folderOf({ ...FIRST, ...SECOND })), ["0001_second.sql"]);
  });

  test("a file that was changed after it was carried out stops everything", async () => {
    await migrate(settings, folderOf(FIRST));
    const changed = { "0000_first.sql": "create table a (id integer primary key, more text)" };
    await assert.rejects(migrate(settings, folderOf({ ...changed, ...SECOND })), ChangedMigrationError);
    assert.deepEqual(await rows("select id from a"), []);
  });

  test("of processes that migrate at the same time each file is carried out by one", async () => {
    const folder = folderOf({ ...FIRST, ...SECOND });
    const applied = await Promise.all([1, 2, 3].map(() => migrate(settings, folder)));
    assert.deepEqual(applied.flat().sort(), ["0000_first.sql", "0001_second.sql"]);
    assert.deepEqual(await rows("select id from a order by id"), [{ id: 1 }, { id: 2 }]);
  });

  test("statements that must run by themselves do", async (context) => {
    if (database.engine === "sqlite") return context.diagnostic("all of its statements run in transactions");
    const alone = "-- no transaction\ncreate index concurrently ix_a on a (id)";
    const folder = folderOf({ ...FIRST, "0001_index.sql": alone });
    const applied = await Promise.all([1, 2].map(() => migrate(settings, folder)));
    assert.deepEqual(applied.flat().sort(), ["0000_first.sql", "0001_index.sql"]);
    return undefined;
  });

  test("a table that is rebuilt keeps the rows that refer to it; rows that refer to nothing are refused", async (context) => {
    if (database.engine === "postgres") return context.diagnostic("tables need not be rebuilt there");
    const tables = [
      "create table a (id integer primary key)",
      "create table b (id integer primary key, a_id integer references a (id) on delete cascade)",
      "insert into a values (1)",
      "insert into b values (7, 1)",
    ];
    const rebuild = [
      "create table a_new (id integer primary key, more text)",
      "insert into a_new (id) select id from a",
      "drop table a",
      "alter table a_new rename to a",
    ];
    await migrate(settings, folderOf({ "0000.sql": tables.join(BREAK), "0001.sql": rebuild.join(BREAK) }));
    assert.deepEqual(await rows("select id, a_id from b"), [{ id: 7, a_id: 1 }]);
    const dangling = folderOf({
      "0000.sql": tables.join(BREAK),
      "0001.sql": rebuild.join(BREAK),
      "0002.sql": "delete from a",
    });
    await assert.rejects(migrate(settings, dangling), DanglingRowsError);
    assert.deepEqual(await rows("select id from a"), [{ id: 1 }]);
    return undefined;
  });
});
