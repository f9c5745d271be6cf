import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { sql } from "drizzle-orm";

import { fingerprint, idempotencyKeys, purgeIdempotencyKeys, runOnce } from "../src/core/idempotency.ts";
import { now } from "../src/core/moments.ts";
import { closeServices } from "../src/core/services.ts";
import { application, ask, empty, makeTables, notes, signedIn, type Running } from "./support.ts";

describe("idempotency", () => {
  let running: Running;
  before(async () => {
    running = application();
    await makeTables(running.services.database);
  });
  beforeEach(() => empty(running.services.database));
  after(() => closeServices(running.services));

  async function count(): Promise<number> {
    return (await running.services.database.read((connection) => connection.select().from(notes))).length;
  }

  test("a request that is repeated takes effect once, and is answered as the first time", async () => {
    const headers = { ...(await signedIn()), "Idempotency-Key": "once" };
    const first = await ask(running.api, "POST", "/notes", { body: { title: "a" }, headers });
    const second = await ask(running.api, "POST", "/notes", { body: '{ "title" : "a" }', headers });
    assert.deepEqual([first.status, second.status, second.text], [201, 201, first.text]);
    assert.equal(second.headers.get("Location"), first.headers.get("Location"));
    assert.deepEqual(
      [first, second].map((answer) => answer.headers.get("Idempotency-Replayed")),
      [null, "true"],
    );
    assert.equal(await count(), 1);
  });

  test("of many that race one takes effect", async () => {
    const headers = { ...(await signedIn()), "Idempotency-Key": "race" };
    const race = Array.from({ length: 8 }, () =>
      ask(running.api, "POST", "/notes", { body: { title: "raced" }, headers }),
    );
    const answers = await Promise.all(race);
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
    assert.equal(answers.filter(({ headers }) => headers.get("Idempotency-Replayed") === null).length, 1);
    assert.equal(await count(), 1);
  });

  test("the key of another request is refused", async () => {
    const headers = { ...(await signedIn()), "Idempotency-Key": "used" };
    await ask(running.api, "POST", "/notes", { body: { title: "a" }, headers });
    const other = await ask(running.api, "POST", "/notes", { body: { title: "b" }, headers });
    assert.deepEqual([other.status, other.json.error.code], [422, "IDEMPOTENCY_MISMATCH"]);
    assert.equal(await count(), 1);
  });

  test("a key belongs to its caller", async () => {
    const callers = [await signedIn(), await signedIn()];
    const told: string[] = [];
    for (const [index, caller] of callers.entries()) {
      const headers = { ...caller, "Idempotency-Key": "shared" };
      const request = { body: { title: `of ${index}` }, headers };
      const answer = await ask(running.api, "POST", "/notes", request);
      assert.deepEqual([answer.status, answer.headers.get("Idempotency-Replayed")], [201, null]);
      told.push(answer.text);
    }
    for (const [index, caller] of callers.entries()) {
      const headers = { ...caller, "Idempotency-Key": "shared" };
      const again = await ask(running.api, "POST", "/notes", { body: { title: `of ${index}` }, headers });
      assert.equal(again.text, told[index]);
    }
    assert.equal(await count(), 2);
  });

  test("a request that failed leaves nothing behind, so that a corrected one may use its key", async () => {
    const headers = { ...(await signedIn()), "Idempotency-Key": "again" };
    await ask(running.api, "POST", "/notes", { body: { title: "taken" }, headers: await signedIn() });
    const taken = await ask(running.api, "POST", "/notes", { body: { title: "taken" }, headers });
    assert.deepEqual([taken.status, taken.json.error.details[0]?.["code"]], [409, "taken"]);
    assert.equal((await ask(running.api, "POST", "/notes", { body: { title: "free" }, headers })).status, 201);
  });

  test("a key is 1 to 255 printable characters", async () => {
    for (const key of ["x".repeat(256), "ü"]) {
      const headers = { ...(await signedIn()), "Idempotency-Key": key };
      assert.equal((await ask(running.api, "POST", "/notes", { body: { title: "a" }, headers })).status, 422);
    }
  });

  test("what was submitted long ago is forgotten", async () => {
    const headers = { ...(await signedIn()), "Idempotency-Key": "old" };
    await ask(running.api, "POST", "/notes", { body: { title: "a" }, headers });
    const { database } = running.services;
    await database.write((connection) => purgeIdempotencyKeys(connection, "2000-01-01T00:00:00Z"));
    assert.equal((await database.read((connection) => connection.select().from(idempotencyKeys))).length, 1);
    await database.write((connection) => purgeIdempotencyKeys(connection, "9999-01-01T00:00:00Z"));
    assert.deepEqual(await database.read((connection) => connection.select().from(idempotencyKeys)), []);
  });

  test("spaces and the order of keys do not make another request, all else does", () => {
    const of = (body: string) => fingerprint("POST", "/notes", body);
    assert.equal(of('{"a": 1, "b": [{"c": 2, "d": 3}]}'), of('{"b":[{"d":3,"c":2}],"a":1}'));
    assert.notEqual(of('{"a": 1}'), of('{"a": 2}'));
    assert.notEqual(of('{"a": 1}'), of('[["a", 1]]'));
    assert.notEqual(of("{}"), fingerprint("POST", "/others", "{}"));
    assert.notEqual(of("{"), of("{{"));
  });

  test("a request whose first try is still running is told so", async (context) => {
    const { database } = running.services;
    if (database.engine === "sqlite")
      return context.diagnostic("one writer at a time: the second waits for the database");
    const submission = { caller: "c", route: "POST /notes", key: "slow", fingerprint: "f" };
    const answer = { status: 201, body: "{}", headers: {} };
    const first = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = database.write((connection) =>
      runOnce(
        connection,
        submission,
        async () => {
          begun.resolve();
          await first.promise;
          return answer;
        },
        now(),
      ),
    );
    await begun.promise;
    const second = database.write(async (connection) => {
      return await runOnce(connection, submission, async () => answer, now(), 50);
    });
    await assert.rejects(second, { status: 409, code: "IDEMPOTENCY_IN_PROGRESS" });
    first.resolve();
    assert.equal((await slow).replayed, false);
    const lock = await database.read((connection) =>
      connection.execute(sql`select current_setting('lock_timeout') as wait`),
    );
    assert.deepEqual(lock, [{ wait: "0" }]);
    return undefined;
  });
});
