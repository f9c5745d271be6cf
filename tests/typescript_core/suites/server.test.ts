import assert from "node:assert/strict";
import { Agent, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";

import { listen, shutDown } from "../src/core/server.ts";
import { closeServices } from "../src/core/services.ts";
import { application, makeTables, signedIn, type Running } from "./support.ts";

describe("server", () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();

  let running: Running;
  before(async () => {
    running = application({ maxBodyBytes: 2048 });
    running.api.get("/slow", async (context) => {
      begun.resolve();
      await ended.promise;
      return context.text("done");
    });
    running.api.get("/never", () => new Promise<Response>(() => undefined));
    running.api.get("/address", (context) => context.text(context.var.address));
    await makeTables(running.services.database);
  });
  after(() => closeServices(running.services));

  interface Sent {
    readonly method?: string;
    readonly path: string;
    readonly headers?: Record<string, string>;
    readonly pieces?: readonly string[];
    readonly agent?: Agent;
  }

  async function send(
    port: number,
    { pieces = [], ...options }: Sent,
  ): Promise<{ status: number; text: string; message: IncomingMessage }> {
    return new Promise((resolve, reject) => {
      const sending = request({ host: "127.0.0.1", port, ...options }, (message) => {
        message.toArray().then((parts: Buffer[]) => {
          resolve({ status: message.statusCode ?? 0, text: Buffer.concat(parts).toString(), message });
        }, reject);
      });
      sending.on("error", reject);
      for (const piece of pieces) sending.write(piece);
      sending.end();
    });
  }

  async function served<Result>(work: (port: number) => Promise<Result>): Promise<Result> {
    const server = await listen(running.api, { port: 0 });
    try {
      return await work((server.address() as AddressInfo).port);
    } finally {
      await shutDown(server, 100);
    }
  }

  test("a body that comes in pieces is read up to the limit, and refused beyond", async () => {
    const headers = { ...(await signedIn()), "Content-Type": "application/json" };
    await served(async (port) => {
      const post = (pieces: readonly string[]) => send(port, { method: "POST", path: "/notes", headers, pieces });
      assert.equal((await post(['{"title":', ' "in pieces"}'])).status, 201);
      const refused = await post(['{"title": "', "x".repeat(1500), "x".repeat(1500), '"}']);
      assert.equal(refused.status, 413);
      assert.match(refused.text, /The body may have at most 2048 bytes/);
    });
  });

  test("a body whose length is declared beyond the limit is refused, and the connection stays good", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await served(async (port) => {
      const body = "x".repeat(5000);
      const headers = { "Content-Type": "application/json", "Content-Length": "5000" };
      assert.equal((await send(port, { method: "POST", path: "/notes", headers, pieces: [body], agent })).status, 413);
      assert.equal((await send(port, { path: "/healthz", agent })).status, 200);
    });
    agent.destroy();
  });

  test("an address of the connection is what limits are counted by", async () => {
    await served(async (port) => {
      await send(port, { path: "/nothing", headers: { "X-Forwarded-For": "198.51.100.1" } });
      const text = (await send(port, { path: "/address" })).text;
      assert.equal(text, "127.0.0.1");
    });
  });

  test("a server that stops ends what is under way, and takes nothing more", async () => {
    const server = await listen(running.api, { port: 0 });
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    const slow = send(port, { path: "/slow", agent });
    await begun.promise;
    const stopped = shutDown(server);
    await assert.rejects(send(port, { path: "/healthz" }), { code: "ECONNREFUSED" });
    ended.resolve();
    assert.equal((await slow).text, "done");
    await stopped;
    agent.destroy();
  });

  test("what does not end is cut off in the end", async () => {
    const server = await listen(running.api, { port: 0 });
    const { port } = server.address() as AddressInfo;
    const connected = new Promise((resolve) => server.once("connection", resolve));
    const never = send(port, { path: "/never" });
    const cut = assert.rejects(never, { code: "ECONNRESET" });
    await connected;
    await shutDown(server, 50);
    await cut;
  });
});
