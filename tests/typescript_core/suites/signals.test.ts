import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";

describe("signals", () => {
  const children: ChildProcess[] = [];
  after(() => children.forEach((child) => child.kill("SIGKILL")));

  /** The text of an answer. */
  async function read(port: number, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = get({ host: "127.0.0.1", port, path }, (message) => {
        message.toArray().then((parts: Buffer[]) => resolve(Buffer.concat(parts).toString()), reject);
      });
      sent.on("error", reject);
    });
  }

  /** A process, and the lines it has logged. */
  function started(kind: string) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "served.ts"), kind], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const lines = createInterface(child.stderr)[Symbol.asyncIterator]();
    children.push(child);
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    const said = async (message: string): Promise<Record<string, unknown>> => {
      for (;;) {
        const { value, done } = await lines.next();
        assert(!done, `it ended before it said ${message}`);
        const line = JSON.parse(value) as Record<string, unknown>;
        if (line["message"] === message) return line;
      }
    };
    return { child, ended, said };
  }

  test("asked to end, a process ends what is under way and then itself", async () => {
    const { child, ended, said } = started("server");
    const port = Number((await said("Listening"))["port"]);
    const slow = read(port, "/slow");
    await said("begun");
    child.kill("SIGTERM");
    await said("Stopping");
    child.kill("SIGUSR2");
    assert.equal(await slow, "done");
    await said("Stopped");
    assert.equal(await ended, 0);
  });

  test("a second signal ends the process at once", async () => {
    const { child, ended, said } = started("server");
    const port = Number((await said("Listening"))["port"]);
    const slow = assert.rejects(read(port, "/slow"), { code: "ECONNRESET" });
    await said("begun");
    child.kill("SIGTERM");
    await said("Stopping");
    child.kill("SIGTERM");
    assert.equal(await ended, "SIGTERM");
    await slow;
  });

  test("a worker ends when it is asked to", async () => {
    const { child, ended, said } = started("worker");
    await said("Worker started");
    child.kill("SIGINT");
    await said("Worker stopped");
    assert.equal(await ended, 0);
  });
});
