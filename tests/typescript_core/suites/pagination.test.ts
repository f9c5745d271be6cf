import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { BadRequestError } from "../src/core/errors.ts";
import { uuid7 } from "../src/core/ids.ts";
import { encodeCursor, offsetOf, pageOf, readCursor } from "../src/core/pagination.ts";
import { containing } from "../src/core/queries.ts";
import { closeServices } from "../src/core/services.ts";
import { addNote, application, ask, empty, makeTables, type Asked, type Running } from "./support.ts";

describe("pagination", () => {
  let running: Running;
  before(async () => {
    running = application();
    await makeTables(running.services.database);
  });
  after(() => closeServices(running.services));

  async function fill(...titles: readonly string[]): Promise<void> {
    await empty(running.services.database);
    await running.services.database.write(async (connection) => {
      // Two of a time each: the id has to tell them apart.
      for (const [index, title] of titles.entries()) {
        await addNote(connection, title, `2030-01-01T00:00:${String(index >> 1).padStart(2, "0")}Z`);
      }
    });
  }

  function titles(answer: Asked): string[] {
    return (answer.json.data as { title: string }[]).map(({ title }) => title);
  }

  test("a cursor comes back as it was given", () => {
    for (const created_at of ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000001Z", "0001-01-01T00:00:00Z"]) {
      const row = { created_at, id: uuid7() };
      assert.deepEqual(readCursor(encodeCursor(row)), row);
    }
  });

  test("a cursor that was tampered with is refused", () => {
    const cursor = encodeCursor({ created_at: "2030-01-31T12:00:00Z", id: uuid7() });
    const forged = [
      "x",
      "====",
      `${cursor}A`,
      cursor.slice(0, -2),
      `!${cursor}`,
      ` ${cursor}`,
      Buffer.from("2030-01-31T12:00:00Z").toString("base64url"),
      Buffer.from(`2030-02-31T12:00:00Z|${uuid7()}`).toString("base64url"),
      Buffer.from(`2030-01-31T12:00:00Z|' or 1=1 --`).toString("base64url"),
      Buffer.from(`2030-01-31T12:00:00Z|${uuid7()}|x`).toString("base64url"),
    ];
    for (const text of forged) assert.throws(() => readCursor(text), BadRequestError, text);
  });

  test("a forged cursor is a bad request to the API as well", async () => {
    const answer = await ask(running.api, "GET", "/notes?cursor=x");
    assert.deepEqual([answer.status, answer.json.error.message], [400, "The cursor is not one that a list has given"]);
  });

  test("a list is walked to its end, each row once, while rows come and go", async () => {
    await fill(..."abcdefghij");
    const seen: string[] = [];
    let path = "/notes?limit=3";
    for (let pages = 0; pages < 10; pages++) {
      const answer = await ask(running.api, "GET", path);
      seen.push(...titles(answer));
      const next = answer.json.meta["next_cursor"] as string | null;
      if (next === null) break;
      await running.services.database.write((connection) =>
        addNote(connection, `new ${pages}`, "2031-01-01T00:00:00Z"),
      );
      path = `/notes?limit=3&cursor=${next}`;
    }
    assert.deepEqual(seen.sort(), [..."abcdefghij"]);
  });

  test("the cursor is null where nothing follows, even if the last page is full", async () => {
    await fill(..."abcd");
    const answer = await ask(running.api, "GET", "/notes?limit=4");
    assert.deepEqual(answer.json.meta, { limit: 4, next_cursor: null });
  });

  test("what is searched for means itself, whatever LIKE takes it for", async () => {
    await fill("100%", "1000", "a_b", "acb", "c\\d", "Größe");
    const found = async (q: string) =>
      titles(await ask(running.api, "GET", `/notes?q=${encodeURIComponent(q)}`)).sort();
    assert.deepEqual(await found("0%"), ["100%"]);
    assert.deepEqual(await found("A_B"), ["a_b"]);
    assert.deepEqual(await found("\\"), ["c\\d"]);
    assert.deepEqual(await found("'; drop table notes; --"), []);
    assert.equal(containing("a%_\\"), "%a\\%\\_\\\\%");
  });

  test("limits of a page are kept", async () => {
    for (const query of ["limit=0", "limit=101", "limit=x", "limit=1.5", "limit=", "cursor="]) {
      assert.equal((await ask(running.api, "GET", `/notes?${query}`)).status, 422, query);
    }
  });

  test("numbered pages stand behind one another", () => {
    assert.equal(offsetOf({ page: 1, limit: 20 }), 0);
    assert.equal(offsetOf({ page: 3, limit: 20 }), 40);
    const rows = [1, 2, 3].map((second) => ({ created_at: `2030-01-01T00:00:0${second}Z`, id: uuid7() }));
    assert.deepEqual(pageOf(rows, 3), [rows, null]);
    assert.deepEqual(pageOf(rows, 2), [rows.slice(0, 2), encodeCursor(rows[1]!)]);
  });
});
