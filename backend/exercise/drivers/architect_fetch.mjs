// The child process: loads a scaffolded TypeScript application, calls it over a connection of its own and tells what it
// did. Node runs the TypeScript as it is. Frames go over an inherited socket: two lengths (big-endian, 4 bytes each),
// JSON, then raw bytes.

import { AsyncLocalStorage } from "node:async_hooks";
import { Agent, request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";
import path from "node:path";

const LAST_LINES = 30;
/** Names the call that a request belongs to, for the statements it runs. */
const MARK = "x-architect-call";
/** Transaction control and what drivers and pools say on their own account: no query of the application. */
const CONTROL =
  /^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|SHOW|DISCARD|DEALLOCATE|PRAGMA|SELECT\s+pg_|$)/i;

const calls = new AsyncLocalStorage();
const pending = new Map();

function record(sql) {
  const call = calls.getStore();
  if (call === undefined || typeof sql !== "string") return;
  if (call.dieBefore?.test(sql)) process.kill(process.pid, "SIGKILL");
  if (!CONTROL.test(sql)) call.statements.push(sql);
}

function recordBefore(owner, method, sqlOf) {
  const original = owner?.[method];
  if (typeof original !== "function") return;
  owner[method] = function (...given) {
    record(sqlOf(this, given));
    return original.apply(this, given);
  };
}

async function watchDrivers(own) {
  const { DatabaseSync, StatementSync } = await import("node:sqlite");
  recordBefore(DatabaseSync.prototype, "exec", (_, [sql]) => sql);
  for (const method of ["run", "all", "get", "iterate"]) {
    recordBefore(StatementSync.prototype, method, (statement) => statement.sourceSQL);
  }
  try {
    const { Client } = own("pg");
    recordBefore(Client.prototype, "query", (_, [query]) => (typeof query === "string" ? query : query?.text));
  } catch {
    // a project that has no pg
  }
}

async function load(folder) {
  const imported = (name) => import(pathToFileURL(path.join(folder, name)).href);
  const [{ createApp }, { servicesOf, closeServices }, { listen, shutDown }, { settings }] = await Promise.all(
    ["src/app.ts", "src/core/services.ts", "src/core/server.ts", "src/settings.ts"].map(imported),
  );
  const services = servicesOf(settings());
  const app = createApp(services);
  const fetch = app.fetch.bind(app);
  app.fetch = (asked, ...rest) => {
    const call = pending.get(asked.headers.get(MARK) ?? "");
    return call === undefined ? fetch(asked, ...rest) : calls.run(call, () => fetch(asked, ...rest));
  };
  const server = await listen(app, { port: 0 });
  const close = async () => {
    await shutDown(server, 1000);
    await closeServices(services);
  };
  return { port: server.address().port, close };
}

function lastLines(text) {
  return text.trim().split("\n").slice(-LAST_LINES).join("\n");
}

function send(socket, head, blob = Buffer.alloc(0)) {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(blob.length, 4);
  socket.write(Buffer.concat([lengths, text, blob]));
}

/** One request over HTTP to the server in this process. */
function exchanged(port, agent, call, body, most) {
  return new Promise((resolve) => {
    const headers = {};
    for (const [name, value] of call.headers) {
      const key = name.toLowerCase();
      headers[key] = key in headers ? [headers[key], value].flat() : value;
    }
    if (body.length > 0 && !("content-length" in headers)) headers["content-length"] = String(body.length);
    headers["accept-encoding"] ??= "identity";
    headers[MARK] = String(call.id);
    let asked;
    try {
      asked = httpRequest({ host: "127.0.0.1", port, agent, method: call.method, path: call.path, headers });
    } catch (error) {
      resolve({ status: 0, crash: `the request cannot be sent: ${error.message}` });
      return;
    }
    const limit = setTimeout(
      () => asked.destroy(new Error(`no complete answer within ${call.timeout} s`)),
      call.timeout * 1000,
    );
    const done = (answer) => {
      clearTimeout(limit);
      resolve(answer);
    };
    asked.on("error", (error) => done({ status: 0, crash: `the connection broke before the answer: ${error.message}` }));
    asked.on("response", (answer) => {
      const chunks = [];
      let length = 0;
      answer.on("data", (chunk) => {
        length += chunk.length;
        if (length > most) answer.destroy(new Error("too long"));
        else chunks.push(chunk);
      });
      answer.on("error", () => {
        const cut = length > most ? `is longer than ${most} bytes and was cut off` : "broke off";
        done({ status: 0, crash: `the answer (${answer.statusCode}) ${cut}` });
      });
      answer.on("end", () => {
        const pairs = [];
        for (let at = 0; at < answer.rawHeaders.length; at += 2) {
          pairs.push([answer.rawHeaders[at].toLowerCase(), answer.rawHeaders[at + 1]]);
        }
        done({ status: answer.statusCode, headers: pairs, body: Buffer.concat(chunks), crash: "" });
      });
    });
    asked.end(body);
  });
}

async function run(socket, port, agent, call, body, most) {
  const noted = { statements: [], dieBefore: call.die_before ? new RegExp(`^(?:${call.die_before})`, "i") : null };
  pending.set(String(call.id), noted);
  const began = performance.now();
  const answer = await exchanged(port, agent, call, body, most);
  const seconds = (performance.now() - began) / 1000;
  pending.delete(String(call.id));
  const { status, headers = [], crash } = answer;
  send(socket, { id: call.id, status, headers, seconds, statements: noted.statements, crash }, answer.body);
}

function serve(socket, port, most) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let held = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 8) {
      const [head, blob] = [held.readUInt32BE(0), held.readUInt32BE(4)];
      if (held.length < 8 + head + blob) return;
      const frame = JSON.parse(held.subarray(8, 8 + head).toString());
      let start = 8 + head;
      for (const call of frame.calls) {
        void run(socket, port, agent, call, Buffer.from(held.subarray(start, start + call.length)), most);
        start += call.length;
      }
      held = held.subarray(8 + head + blob);
    }
  });
  return new Promise((resolve) => socket.on("end", resolve).on("close", resolve));
}

const request = JSON.parse(process.argv.at(-1));
const socket = new Socket({ fd: request.socket });
socket.on("error", () => process.exit(1));
let backend;
try {
  const folder = process.cwd();
  await watchDrivers(createRequire(path.join(folder, "package.json")));
  backend = await load(folder);
} catch (error) {
  send(socket, { failed: lastLines(error instanceof Error ? (error.stack ?? error.message) : String(error)) });
  socket.end(() => process.exit(1));
  await new Promise(() => {});
}
send(socket, { ready: true, openapi: null });
await serve(socket, backend.port, request.limits.body);
await backend.close();
process.exit(0);
