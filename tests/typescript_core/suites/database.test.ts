import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";

import { eq, sql } from "drizzle-orm";

import { Database, type Connection } from "../src/core/database.ts";
import { forSqlite } from "../src/core/engines/translation.ts";
import { postgresAddress, sqlitePath } from "../src/core/engines/urls.ts";
import { UnavailableError } from "../src/core/errors.ts";
import { appErrorOf } from "../src/core/errorResponses.ts";
import { uuid7 } from "../src/core/ids.ts";
import { now } from "../src/core/moments.ts";
import { sqlstate } from "../src/core/outages.ts";
import { addNote, application, ask, empty, makeTables, notes, samples, settings } from "./support.ts";

describe("database", () => {
  const database = Database.of(settings);
  const postgres = database.engine === "postgres";
  before(() => makeTables(database));
  beforeEach(() => empty(database));
  after(() => database.close());

  async function titles(of: Database = database): Promise<string[]> {
    const rows = await of.read((connection) =>
      connection.select({ title: notes.title }).from(notes).orderBy(notes.title),
    );
    return rows.map(({ title }) => title);
  }

  async function whatIsAnsweredTo(work: (connection: Connection) => Promise<unknown>) {
    const error: unknown = await database.write(work).then(
      () => assert.fail("nothing was refused"),
      (refusal: unknown) => refusal,
    );
    const { status, code, details } = appErrorOf(error);
    return [status, code, ...details.map(({ field, code: detail }) => `${field} ${detail}`)];
  }

  test("every kind of value comes back as it was given", async () => {
    const given = {
      id: uuid7(),
      note_id: null,
      moment: "2030-01-31T12:00:00.123456Z",
      day: "2030-02-28",
      price: "-1234567890123.45",
      flag: true,
      document: { list: [1, "zwei", null, { deep: true }], text: "ü \u2028 '" },
      bytes: Buffer.from([0, 1, 255]),
    };
    const [returned] = await database.write((connection) => connection.insert(samples).values(given).returning());
    const [read] = await database.read((connection) =>
      connection.select().from(samples).where(eq(samples.id, given.id)),
    );
    assert.deepEqual(returned, read);
    assert.deepEqual({ ...read, bytes: Buffer.from(read!.bytes!) }, given);
    const nothing = {
      id: uuid7(),
      note_id: null,
      moment: null,
      day: null,
      price: null,
      flag: null,
      document: null,
      bytes: null,
    };
    assert.deepEqual(await database.write((connection) => connection.insert(samples).values(nothing).returning()), [
      nothing,
    ]);
  });

  test("moments of different precision compare as moments", async () => {
    await database.write(async (connection) => {
      for (const second of ["00", "00.5", "00.000001", "01"])
        await addNote(connection, second, `2030-01-01T00:00:${second}Z`);
    });
    const sorted = await database.read((connection) => connection.select().from(notes).orderBy(notes.created_at));
    assert.deepEqual(
      sorted.map(({ title }) => title),
      ["00", "00.000001", "00.5", "01"],
    );
  });

  test("a transaction is kept whole, or not at all", async () => {
    await database.write((connection) => addNote(connection, "kept"));
    const failing = database.write(async (connection) => {
      await addNote(connection, "lost");
      throw new Error("after the insert");
    });
    await assert.rejects(failing, /after the insert/);
    assert.deepEqual(await titles(), ["kept"]);
  });

  test("a reader sees nothing of a transaction before its end", async () => {
    await database.write(async (connection) => {
      await addNote(connection, "new");
      assert.deepEqual(await titles(), []);
    });
    assert.deepEqual(await titles(), ["new"]);
  });

  test("a handle is good until the end of its transaction, and no longer", async () => {
    let kept: Connection | undefined;
    await database.write(async (connection) => void (kept = connection));
    await assert.rejects(
      async () => await addNote(kept!, "too late"),
      (error) => /over/.test(String((error as Error).cause)),
    );
    assert.deepEqual(await titles(), []);
  });

  test("writers do not get in each other's way", async () => {
    const id = await database.write((connection) => addNote(connection, "counted"));
    const increment = (connection: Connection) =>
      connection
        .select()
        .from(notes)
        .where(eq(notes.id, id))
        .for("update")
        .then(async ([row]) => {
          await new Promise(setImmediate);
          await connection
            .update(notes)
            .set({ version: row!.version + 1 })
            .where(eq(notes.id, id));
        });
    await Promise.all(Array.from({ length: 10 }, () => database.write(increment)));
    const [row] = await database.read((connection) => connection.select().from(notes));
    assert.equal(row?.version, 11);
  });

  test("a violated constraint is said in the words of the API", async () => {
    const id = await database.write((connection) => addNote(connection, "taken"));
    assert.deepEqual(await whatIsAnsweredTo((connection) => addNote(connection, "taken")), [
      409,
      "CONFLICT",
      "body.title taken",
    ]);
    assert.deepEqual(
      await whatIsAnsweredTo((connection) => connection.execute(sql`insert into notes (id) values (null)`)),
      [409, "CONFLICT"],
    );
    await database.write((connection) => connection.insert(samples).values({ id: uuid7(), note_id: id }));
    const deletion = (connection: Connection): Promise<unknown> =>
      connection.delete(notes).where(eq(notes.id, id)).execute();
    assert.deepEqual(await whatIsAnsweredTo(deletion), [409, "CONFLICT"]);
    const reference = (connection: Connection): Promise<unknown> =>
      connection.insert(samples).values({ id: uuid7(), note_id: uuid7() }).execute();
    // SQLite does not say which way round; the checks before a write do.
    const expected = postgres ? [422, "VALIDATION_ERROR", "body.note_id missing_reference"] : [409, "CONFLICT"];
    assert.deepEqual(await whatIsAnsweredTo(reference), expected);
  });

  test("a mistake of ours is no conflict", async () => {
    assert.deepEqual(await whatIsAnsweredTo((connection) => connection.execute(sql`select nothing`)), [
      500,
      "INTERNAL_ERROR",
    ]);
  });

  test("a text with quotes is a text, and a parameter is never SQL", async () => {
    const title = `'"; drop table notes; -- $1 ?1 for update`;
    await database.write((connection) => addNote(connection, title));
    assert.deepEqual(await titles(), [title]);
  });

  test("whoever cannot have a connection in time is told to come back", async () => {
    const small = Database.of({ ...settings, databasePoolSize: 1, databasePoolOverflow: 0, databasePoolTimeout: 0.1 });
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const holder = small.write(async (connection) => {
      await addNote(connection, "held");
      begun.resolve();
      await held.promise;
    });
    await begun.promise;
    await assert.rejects(
      small.write((connection) => addNote(connection, "waits")),
      UnavailableError,
    );
    held.resolve();
    await holder;
    assert.deepEqual(await titles(), ["held"]);
    await small.close();
  });

  test("the lock of another process is waited for, without stopping this one, but not for ever", async (context) => {
    if (postgres) return context.diagnostic("rows are locked there, not files");
    const [one, other] = [Database.of(settings), Database.of({ ...settings, databaseStatementTimeout: 0.2 })];
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const holder = one.write(async (connection) => {
      await addNote(connection, "one");
      begun.resolve();
      await held.promise;
    });
    await begun.promise;
    await assert.rejects(
      other.write((connection) => addNote(connection, "other")),
      UnavailableError,
    );
    const waiting = other.write((connection) => addNote(connection, "other"));
    setImmediate(held.resolve);
    await Promise.all([holder, waiting]);
    assert.deepEqual(await titles(), ["one", "other"]);
    await Promise.all([one.close(), other.close()]);
    return undefined;
  });

  test("a statement that takes too long is cancelled, and its connection is good again", async (context) => {
    if (!postgres) return context.diagnostic("SQLite has no clock for statements");
    const hasty = Database.of({
      ...settings,
      databaseStatementTimeout: 0.1,
      databasePoolSize: 1,
      databasePoolOverflow: 0,
    });
    const slow = (connection: Connection) => connection.execute(sql`select pg_sleep(5)`);
    await assert.rejects(hasty.read(slow), UnavailableError);
    await assert.rejects(hasty.write(slow), UnavailableError);
    assert.deepEqual(await titles(hasty), []);
    await hasty.close();
    return undefined;
  });

  test("a read goes to another connection where one was lost, a write is told of it", async (context) => {
    if (!postgres) return context.diagnostic("there is no server that could go away");
    const other = Database.of(settings);
    const pid = sql`select pg_backend_pid() as pid`;
    const kill = async (victim: unknown) => {
      await database.write((connection) => connection.execute(sql`select pg_terminate_backend(${victim}, 5000)`), {
        statements: 1,
      });
    };
    const [first] = await other.read((connection) => connection.execute(pid));
    await kill(first?.["pid"]);
    assert.deepEqual(await titles(other), []);
    const dying = other.write(async (connection) => {
      const [own] = await connection.execute(pid);
      await kill(own?.["pid"]);
      await addNote(connection, "lost");
    });
    await assert.rejects(dying, UnavailableError);
    assert.deepEqual(await titles(other), []);
    await other.close();
    return undefined;
  });

  test("a transaction that the database wants anew is run again", async (context) => {
    if (!postgres) return context.diagnostic("one writer at a time: none gets in the way of another");
    const ids = await database.write(async (connection) => [
      await addNote(connection, "a"),
      await addNote(connection, "b"),
    ]);
    let runs = 0;
    const both = [0, 0].map((_, index) => index);
    const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const crossed = async (connection: Connection, me: number) => {
      runs += 1;
      const touch = (id: string) =>
        connection
          .update(notes)
          .set({ version: sql`${notes.version} + 1` })
          .where(eq(notes.id, id));
      await touch(ids[me]!);
      arrived[me]!.resolve();
      await arrived[1 - me]!.promise;
      await touch(ids[1 - me]!);
    };
    await Promise.all(both.map((me) => database.write((connection) => crossed(connection, me))));
    assert.equal(runs, 3);
    const rows = await database.read((connection) => connection.select().from(notes));
    assert.deepEqual(
      rows.map(({ version }) => version),
      [3, 3],
    );
    return undefined;
  });

  test("behind pgbouncer nothing is prepared, nothing is said at the start", async (context) => {
    if (!postgres) return context.diagnostic("there is no pgbouncer");
    const pooled = Database.of({
      ...settings,
      databaseBehindPgbouncer: true,
      databasePoolSize: 1,
      databasePoolOverflow: 0,
    });
    await titles(pooled);
    const prepared = await pooled.read((connection) =>
      connection.execute(sql`select name from pg_prepared_statements`),
    );
    assert.deepEqual(prepared, []);
    const [timeout] = await pooled.read((connection) => connection.execute(sql`show statement_timeout`));
    assert.notDeepEqual(timeout, { statement_timeout: "2s" });
    await pooled.close();
    return undefined;
  });

  test("a database that is not there is answered 503, with when to come back", async () => {
    const { api } = application({ databaseUrl: "postgresql://nobody@127.0.0.1:1/nothing" });
    const answer = await ask(api, "GET", "/readyz");
    assert.deepEqual(
      [answer.status, answer.json.error.code, answer.headers.get("Retry-After")],
      [503, "UNAVAILABLE", "1"],
    );
    assert.equal((await ask(api, "GET", "/healthz")).status, 200);
  });

  test("a database that stops answering is given up in time, without asking every other connection", async (context) => {
    if (!postgres) return context.diagnostic("there is no server that could stop");
    const { host, user, password, database: name } = postgresAddress(settings.databaseUrl);
    const sockets: Socket[] = [];
    const proxy = createServer((inner) => {
      const outer = connect(`${host}/.s.PGSQL.5432`);
      sockets.push(inner, outer);
      inner.pipe(outer).pipe(inner);
      for (const socket of [inner, outer]) socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const databaseUrl = `postgresql://${user}:${encodeURIComponent(String(password))}@127.0.0.1:${port}/${name}`;
    const limits = { databasePoolSize: 4, databaseStatementTimeout: 0.1, databasePoolTimeout: 0.5 };
    const frozen = Database.of({ ...settings, databaseUrl, ...limits });
    await titles(frozen);
    for (const socket of sockets) socket.unpipe().pause();
    await assert.rejects(titles(frozen), UnavailableError);
    assert.equal(sockets.length, 2);
    for (const socket of sockets) socket.destroy();
    assert.deepEqual(await titles(frozen), []);
    await frozen.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
    return undefined;
  });

  test("listeners hear of a transaction's marks after its commit, and not without one", async () => {
    const heard: string[][] = [];
    const other = Database.of(settings);
    other.onCommit((marks) => heard.push([...marks]));
    await other.write(async (connection) => {
      connection.marks.add("marked");
      await addNote(connection, now());
      assert.deepEqual(heard, []);
    });
    await assert.rejects(
      other.write(async (connection) => {
        connection.marks.add("lost");
        throw new Error("no");
      }),
    );
    assert.deepEqual(heard, [["marked"]]);
    await other.close();
  });

  test("an error of PostgreSQL is known by its state however it is wrapped", () => {
    const cause = Object.assign(new Error("x"), { code: "40P01", severity: "ERROR" });
    assert.equal(sqlstate(new Error("y", { cause: new Error("z", { cause }) })), "40P01");
    assert.equal(sqlstate(Object.assign(new Error("x"), { code: "EPIPE" })), "");
  });

  test("statements are translated outside of what stands in quotes", () => {
    assert.equal(
      forSqlite(
        `select "a$1", '$2 for update', 'it''s $3' from "for share" where x = $1 and y ilike $12 limit $3 for update skip locked`,
      ),
      `select "a$1", '$2 for update', 'it''s $3' from "for share" where x = ?1 and y like ?12 limit ?3`,
    );
    assert.equal(forSqlite(`select 1 for no key update of "t" nowait`), "select 1");
  });

  test("addresses are read in every form that is in use", () => {
    assert.equal(sqlitePath("sqlite+aiosqlite:///./app.db"), "./app.db");
    assert.equal(sqlitePath("sqlite:////var/app.db"), "/var/app.db");
    assert.equal(sqlitePath("file:app.db?mode=rwc"), "app.db");
    assert.equal(sqlitePath("sqlite://"), ":memory:");
    const plain = { ssl: false, host: "h", port: 5433, user: "u", password: "p@:/", database: "d" };
    assert.deepEqual(postgresAddress("postgresql+asyncpg://u:p%40%3A%2F@h:5433/d"), plain);
    assert.deepEqual(postgresAddress("postgres://u:p@/d?host=/run/pg"), {
      ssl: false,
      host: "/run/pg",
      user: "u",
      password: "p",
      database: "d",
    });
    assert.deepEqual(postgresAddress("postgresql:///d?host=%2Frun%2Fpg&user=u"), {
      ssl: false,
      host: "/run/pg",
      user: "u",
      database: "d",
    });
    assert.deepEqual(postgresAddress("postgresql://[::1]/d?sslmode=require"), {
      ssl: { rejectUnauthorized: false },
      host: "::1",
      database: "d",
    });
    assert.deepEqual(postgresAddress("postgresql://h/d?ssl=verify-full"), {
      ssl: { rejectUnauthorized: true },
      host: "h",
      database: "d",
    });
  });
});
