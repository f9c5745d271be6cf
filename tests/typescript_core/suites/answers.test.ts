import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { createRoute, z } from "@hono/zod-openapi";

import { privately, publicly } from "../src/core/cacheControl.ts";
import { deprecationHeaders } from "../src/core/deprecation.ts";
import { NotFoundError } from "../src/core/errors.ts";
import { uuid7 } from "../src/core/ids.ts";
import { enveloped, representation } from "../src/core/responses.ts";
import { endpoint } from "../src/core/routing.ts";
import { closeServices } from "../src/core/services.ts";
import { addNote, application, ask, empty, makeTables, settings, signedIn, type Running } from "./support.ts";

describe("answers", () => {
  const cacheControl = publicly({ maxAge: 5, sMaxage: 60, staleWhileRevalidate: 30 });
  const kept = { namespace: "notes", seconds: 60, cacheControl, public: true };
  const cached = [
    { ...kept, path: "/notes" },
    { ...kept, path: "/notes/{note_id}" },
  ];

  let running: Running;
  before(async () => {
    running = application({}, { cached });
    await makeTables(running.services.database);
  });
  beforeEach(async () => {
    await empty(running.services.database);
    await running.services.cache.invalidate("notes");
  });
  after(() => closeServices(running.services));

  /** How often the database is read while `work` is done. */
  async function readsDuring(work: () => Promise<unknown>): Promise<number> {
    const { database } = running.services;
    const read = database.read.bind(database);
    let reads = 0;
    database.read = (reading) => {
      reads += 1;
      return read(reading);
    };
    await work();
    database.read = read;
    return reads;
  }

  /** Behind the application's back. */
  async function addUnseen(title: string): Promise<string> {
    return running.services.database.write((connection) => addNote(connection, title));
  }

  test("directives are written as caches read them", () => {
    assert.equal(cacheControl, "public, max-age=5, s-maxage=60, stale-while-revalidate=30");
    assert.equal(publicly({ maxAge: 0 }), "public, max-age=0");
    assert.equal(privately({ maxAge: 5, staleWhileRevalidate: 1 }), "private, max-age=5, stale-while-revalidate=1");
  });

  test("an answer is kept, with all its headers, until a write", async () => {
    const first = await ask(running.api, "GET", "/notes");
    assert.equal(first.headers.get("Cache-Control"), cacheControl);
    await addUnseen("unseen");
    const second = await ask(running.api, "GET", "/notes");
    assert.equal(second.text, first.text);
    for (const name of ["ETag", "Vary", "Content-Type", "RateLimit-Policy"]) {
      assert.equal(second.headers.get(name), first.headers.get(name), name);
    }
    assert.equal(
      (await ask(running.api, "POST", "/notes", { body: { title: "seen" }, headers: await signedIn() })).status,
      201,
    );
    assert.equal((await ask(running.api, "GET", "/notes")).text.match(/"title"/g)?.length, 2);
  });

  test("a client that has it is told so, and a client that asks first with a condition fills the cache whole", async () => {
    const id = await addUnseen("a");
    const conditional = await ask(running.api, "GET", `/notes/${id}`, { headers: { "If-None-Match": '"1"' } });
    assert.deepEqual([conditional.status, conditional.text, conditional.headers.get("ETag")], [304, "", '"1"']);
    const reads = await readsDuring(async () => {
      const whole = await ask(running.api, "GET", `/notes/${id}`);
      assert.deepEqual([whole.status, (whole.json.data as { title: string }).title], [200, "a"]);
    });
    assert.equal(reads, 0);
    assert.equal(
      (await ask(running.api, "GET", `/notes/${id}`, { headers: { "If-None-Match": 'W/"1"' } })).status,
      304,
    );
  });

  test("many requests for what is not kept run the route once", async () => {
    const texts = new Set<string>();
    const reads = await readsDuring(() =>
      Promise.all(
        Array.from({ length: 10 }, async () => texts.add((await ask(running.api, "GET", "/notes?limit=7")).text)),
      ),
    );
    assert.deepEqual([texts.size, reads], [1, 1]);
  });

  test("what is no success is not kept, and reaches everybody as it is", async () => {
    const id = uuid7();
    const both = await Promise.all([1, 2].map(() => ask(running.api, "GET", `/notes/${id}`)));
    for (const { status, json } of both) assert.deepEqual([status, json.error.code], [404, "NOT_FOUND"]);
    const refused = await ask(running.api, "GET", "/notes?limit=x");
    assert.equal(refused.status, 422);
    assert.equal(refused.headers.get("Cache-Control"), "no-store");
  });

  test("other parameters are other answers", async () => {
    await addUnseen("a");
    assert.equal((await ask(running.api, "GET", "/notes?q=a")).text.match(/"title"/g)?.length, 1);
    assert.equal((await ask(running.api, "GET", "/notes?q=b")).text.match(/"title"/g), null);
  });

  test("an answer is shown to its audience alone", async () => {
    const tenants = { ...kept, path: "/notes", public: false, tenant: true };
    const { api, services } = application({}, { cached: [tenants], services: { database: running.services.database } });
    const [mine, yours] = [uuid7(), uuid7()];
    const read = async (tenant_id?: string) => {
      const headers = tenant_id ? await signedIn({ tenant_id }) : {};
      return (await ask(api, "GET", "/notes", { headers })).text.match(/"title"/g)?.length ?? 0;
    };
    assert.equal(await read(mine), 0);
    await addUnseen("new");
    assert.deepEqual([await read(mine), await read(yours), await read()], [0, 1, 1]);
    await services.cache.close();
  });

  test("an answer for those who are signed in is not shown to anybody else", async () => {
    const members = { ...kept, path: "/notes", public: false };
    const { api } = application({}, { cached: [members], services: { database: running.services.database } });
    assert.equal(
      (await ask(api, "GET", "/notes", { headers: await signedIn() })).headers.get("Cache-Control"),
      cacheControl,
    );
    assert.equal((await ask(api, "GET", "/notes")).headers.get("Cache-Control"), "no-cache");
  });

  test("answers are kept in Redis as well", async () => {
    const redisUrl = process.env["TEST_REDIS_URL"] ?? "";
    const { api, services } = application({ redisUrl }, { cached, services: { database: running.services.database } });
    await services.cache.invalidate("notes");
    const first = await ask(api, "GET", "/notes");
    await addUnseen("unseen");
    assert.equal((await ask(api, "GET", "/notes")).text, first.text);
    assert.equal(settings.redisUrl, "");
    await services.cache.close();
    services.redis?.disconnect();
  });

  test("a deprecated operation says so on every answer, kept or not, and no other does", async () => {
    const { services } = running;
    const told = { since: "2026-01-01", sunset: "2027-06-30", link: "https://notes.example/v2" };
    const documented = createRoute({
      method: "get",
      path: "/old/{note_id}",
      "x-deprecation": told,
      deprecated: true,
      request: { params: z.object({ note_id: z.string() }) },
      responses: { 200: { description: "A note" } },
    });
    const { api } = application(
      {},
      { cached: [{ ...kept, path: "/old/{note_id}" }], services: { database: services.database } },
    );
    endpoint(api, documented, { signedIn: false }, ({ context, params }) => {
      if (params.note_id === "none") throw new NotFoundError();
      return representation(context, enveloped(params.note_id));
    });
    for (const path of ["/old/1", "/old/1", "/old/none"]) {
      const { headers } = await ask(api, "GET", path);
      assert.equal(headers.get("Deprecation"), "@1767225600", path);
      assert.equal(headers.get("Sunset"), "Wed, 30 Jun 2027 00:00:00 GMT");
      const link = "<https://notes.example/v2>";
      const links = `${link}; rel="deprecation"; type="text/html", ${link}; rel="sunset"; type="text/html"`;
      assert.equal(headers.get("Link"), links);
    }
    assert.equal((await ask(api, "GET", "/notes")).headers.get("Deprecation"), null);
    assert.deepEqual(deprecationHeaders({ since: "2026-01-01" }), [["Deprecation", "@1767225600"]]);
  });
});
