import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { closeServices } from "../src/core/services.ts";
import { application, ask, makeTables, signedIn, type Running } from "./support.ts";

describe("errors", () => {
  let running: Running;
  before(async () => {
    running = application();
    await makeTables(running.services.database);
  });
  after(() => closeServices(running.services));

  test("an unexpected error is logged whole and answered without a word about it", async () => {
    const { api, lines } = application();
    const answer = await ask(api, "GET", "/broken", { headers: { "X-Request-Id": "the-request" } });
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json, { error: { code: "INTERNAL_ERROR", message: "Something went wrong", details: [] } });
    assert.equal(answer.headers.get("X-Request-Id"), "the-request");
    const [line] = lines.named("app.errors");
    assert.equal(line?.["request_id"], "the-request");
    assert.match(String(line?.["exception"]), /Error: the password is hunter2\n\s+at /);
  });

  test("a failed statement is logged without the values that clients sent", async () => {
    const { api, services, lines } = application({ databaseUrl: running.services.settings.databaseUrl });
    api.get("/no-table", async (context) => {
      const { sql } = await import("drizzle-orm");
      await context.var.services.database.read((connection) =>
        connection.execute(sql`select ${"hunter2"} from nowhere`),
      );
      return context.text("");
    });
    assert.equal((await ask(api, "GET", "/no-table")).status, 500);
    const logged = lines.lines.join("\n");
    assert.match(logged, /nowhere/);
    assert.doesNotMatch(logged, /hunter2/);
    await closeServices(services);
  });

  test("what is not there is not found, in the envelope, and never stored", async () => {
    const answer = await ask(running.api, "GET", "/nothing");
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json, { error: { code: "NOT_FOUND", message: "Resource not found", details: [] } });
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
    assert.equal(answer.headers.get("Content-Type"), "application/json");
  });

  for (const [method, path, allowed] of [
    ["PUT", "/notes", "GET, POST"],
    ["HEAD", "/notes", "GET, POST"],
    ["OPTIONS", "/notes", "GET, POST"],
    ["POST", "/notes/x", "GET, PATCH, DELETE"],
    ["DELETE", "/healthz", "GET"],
    ["POST", "/openapi.json", "GET"],
  ] as const) {
    test(`${method} ${path} is refused with exactly the methods of the path`, async () => {
      const answer = await ask(running.api, method, path);
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get("Allow"), allowed);
      if (method !== "HEAD") assert.equal(answer.json.error.code, "METHOD_NOT_ALLOWED");
    });
  }

  test("a body is refused for what is wrong with it", async () => {
    const headers = await signedIn();
    const said = async (body: string, more: Record<string, string> = {}) => {
      const { status, json } = await ask(running.api, "POST", "/notes", { body, headers: { ...headers, ...more } });
      return [status, json.error.code, ...json.error.details.map(({ field, code }) => `${field} ${code}`)];
    };
    assert.deepEqual(await said('{"title": '), [400, "BAD_REQUEST"]);
    assert.deepEqual(await said('{"title": "x"}', { "Content-Type": "text/plain" }), [415, "UNSUPPORTED_MEDIA_TYPE"]);
    assert.deepEqual(await said("[]"), [422, "VALIDATION_ERROR", "body dict_type"]);
    assert.deepEqual(await said("{}"), [422, "VALIDATION_ERROR", "body.title missing"]);
    assert.deepEqual(await said('{"title": 1, "x": 2}'), [
      422,
      "VALIDATION_ERROR",
      "body.title string_type",
      "body.x extra_forbidden",
    ]);
    assert.deepEqual(await said(""), [422, "VALIDATION_ERROR", "body missing"]);
    assert.deepEqual(await said(JSON.stringify({ title: "x".repeat(2_000_000) })), [413, "PAYLOAD_TOO_LARGE"]);
  });

  test("a body that is no UTF-8 is refused", async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const headers = { ...(await signedIn()), "Content-Type": "application/json" };
    const answer = await running.api.request("/notes", { method: "POST", body, headers });
    assert.equal(answer.status, 400);
  });

  test("of two things that are wrong, the one that concerns more people is said", async () => {
    const nobody = await ask(running.api, "POST", "/notes", { body: "{}" });
    assert.equal(nobody.status, 401);
    assert.equal(nobody.headers.get("WWW-Authenticate"), "Bearer");
  });

  test("a parameter that nothing reads is refused", async () => {
    const answer = await ask(running.api, "GET", "/notes?titel=x");
    assert.deepEqual([answer.status, answer.json.error.details[0]?.["field"]], [422, "query.titel"]);
    const none = await ask(running.api, "GET", `/notes/${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}?x=1`);
    assert.deepEqual([none.status, none.json.error.details[0]?.["message"]], [422, "There is no such parameter"]);
  });

  test("every answer says who it is and keeps browsers from doing more with it", async () => {
    for (const path of ["/healthz", "/nothing", "/broken"]) {
      const { headers } = await ask(running.api, "GET", path);
      assert.match(headers.get("X-Request-Id") ?? "", /^[0-9a-f]{32}$/);
      assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
      assert.equal(headers.get("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
      assert.equal(headers.get("Strict-Transport-Security"), null);
    }
  });

  test("a name for the request that could forge a line of the log is not taken", async () => {
    const { headers } = await ask(running.api, "GET", "/healthz", { headers: { "X-Request-Id": 'x" y' } });
    assert.match(headers.get("X-Request-Id") ?? "", /^[0-9a-f]{32}$/);
  });

  test("a request is logged without its query string", async () => {
    const { api, lines } = application();
    await ask(api, "GET", "/nothing?token=secret");
    await ask(api, "GET", "/healthz");
    const [line, ...more] = lines.named("app.access");
    assert.deepEqual(more, []);
    assert.deepEqual([line?.["method"], line?.["path"], line?.["status"]], ["GET", "/nothing", 404]);
  });
});
