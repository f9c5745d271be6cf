import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { etagOf, ifNoneMatch, parseEntityTags, requireMatch } from "../src/core/conditional.ts";
import { closeServices } from "../src/core/services.ts";
import { addNote, application, ask, makeTables, signedIn, type Running } from "./support.ts";

describe("conditional", () => {
  let running: Running;
  before(async () => {
    running = application();
    await makeTables(running.services.database);
  });
  after(() => closeServices(running.services));

  test("a list of entity tags may hold commas and spaces", () => {
    assert.deepEqual(parseEntityTags('"a,b" , W/"c",, ""'), ['"a,b"', 'W/"c"', '""']);
    assert.equal(parseEntityTags(" * "), "*");
    for (const text of ["a", '"a', 'w/"a"', '"a" "b"', '*, "a"', ""]) assert.equal(parseEntityTags(text), null, text);
  });

  test("If-None-Match compares weakly, and is ignored where it cannot be read", () => {
    assert.equal(ifNoneMatch('W/"1"', '"1"'), true);
    assert.equal(ifNoneMatch('"0", "1"', '"1"'), true);
    assert.equal(ifNoneMatch("*", '"1"'), true);
    assert.equal(ifNoneMatch('"2"', '"1"'), false);
    assert.equal(ifNoneMatch("1", '"1"'), false);
    assert.equal(ifNoneMatch(undefined, '"1"'), false);
  });

  test("If-Match compares strongly", () => {
    requireMatch('"0", "1"', '"1"');
    requireMatch("*", '"1"');
    assert.throws(() => requireMatch('W/"1"', '"1"'), { status: 412, code: "PRECONDITION_FAILED" });
    assert.throws(() => requireMatch('W/"1"', 'W/"1"'), { status: 412 });
    assert.throws(() => requireMatch('"2"', '"1"'), { status: 412 });
    assert.throws(() => requireMatch(undefined, '"1"'), { status: 428, code: "PRECONDITION_REQUIRED" });
    assert.throws(() => requireMatch("1", '"1"'), { status: 422 });
  });

  test("two bodies share a tag only if they are the same", () => {
    assert.equal(etagOf("a"), etagOf("a"));
    assert.notEqual(etagOf("a"), etagOf("a "));
  });

  test("a read is answered with 304 and no body to whoever has it", async () => {
    const list = await ask(running.api, "GET", "/notes");
    const etag = list.headers.get("ETag") ?? "";
    const again = await ask(running.api, "GET", "/notes", { headers: { "If-None-Match": etag } });
    assert.deepEqual([again.status, again.text, again.headers.get("ETag")], [304, "", etag]);
    assert.equal(again.headers.get("Vary"), "Authorization");
    await running.services.database.write((connection) => addNote(connection, "new"));
    assert.equal((await ask(running.api, "GET", "/notes", { headers: { "If-None-Match": etag } })).status, 200);
  });

  test("of two changes of one version the second is refused", async () => {
    const id = await running.services.database.write((connection) => addNote(connection, "contested"));
    const headers = await signedIn();
    const change = (title: string, ifMatch: string) =>
      ask(running.api, "PATCH", `/notes/${id}`, { body: { title }, headers: { ...headers, "If-Match": ifMatch } });
    const both = await Promise.all([change("first", '"1"'), change("second", '"1"')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
    assert.equal((await ask(running.api, "PATCH", `/notes/${id}`, { body: {}, headers })).status, 428);
    const current = both.find(({ status }) => status === 200)?.headers.get("ETag") ?? "";
    assert.equal((await change("third", current)).status, 200);
  });
});
