import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";

import { eq } from "drizzle-orm";

import { Database, type Connection } from "../src/core/database.ts";
import { backoff, reasonOf } from "../src/core/events/backoff.ts";
import { deliver, HandlerError, InProcess, type Consumer } from "../src/core/events/consumer.ts";
import { fromFields, newEvent, toFields, type Event } from "../src/core/events/event.ts";
import { claim, emit, purgeProcessed, purgePublished, republish } from "../src/core/events/outbox.ts";
import { Relay, type Destination } from "../src/core/events/relay.ts";
import { RedisStream, StreamFullError } from "../src/core/events/stream.ts";
import { StreamConsumer } from "../src/core/events/streamConsumer.ts";
import { outboxEvents, processedEvents } from "../src/core/events/tables.ts";
import { Wake, wakeAfterEmit } from "../src/core/events/wakeup.ts";
import { Webhook } from "../src/core/events/webhook.ts";
import { uuid7 } from "../src/core/ids.ts";
import { periodicJobs, runIfDue } from "../src/core/jobs.ts";
import { momentAt } from "../src/core/moments.ts";
import { connectRedis } from "../src/core/redisClient.ts";
import { work } from "../src/core/worker.ts";
import { addNote, empty, Lines, makeTables, notes, settings } from "./support.ts";

describe("events", () => {
  const redis = connectRedis(process.env["TEST_REDIS_URL"] ?? "", 5000);
  const database = Database.of(settings);
  before(() => makeTables(database));
  beforeEach(() => empty(database));
  after(async () => {
    redis.disconnect();
    await database.close();
  });

  const lines = new Lines();
  const logger = lines.loggers("events");

  function event(type: string, aggregateId: string = uuid7()): Event {
    return newEvent({ type, aggregateId, tenantId: null, payload: { type } });
  }

  async function emitted(...events: readonly Event[]): Promise<void> {
    await database.write((connection) => emit(connection, ...events));
  }

  /** Takes everything, but refuses these types. */
  function destination(...refused: readonly string[]) {
    const seen: string[] = [];
    const publish: Destination["publish"] = async (batch) => {
      const failed = new Map<number, string>();
      for (const {
        sequence,
        event: { type },
      } of batch) {
        if (refused.includes(type)) failed.set(sequence, "refused");
        else seen.push(type);
      }
      return { published: batch.map(({ sequence }) => sequence).filter((sequence) => !failed.has(sequence)), failed };
    };
    return { publish, seen };
  }

  function relay(to: Destination, options: { clock?: () => number; maxAttempts?: number; lease?: number } = {}): Relay {
    return new Relay({ database, destination: to, wake: new Wake(), logger, ...options });
  }

  async function row(of: Event) {
    const [found] = await database.read((connection) =>
      connection.select().from(outboxEvents).where(eq(outboxEvents.id, of.id)),
    );
    return found!;
  }

  /** A handler that leaves a note for each event. */
  async function leaveNote(connection: Connection, { type }: Event): Promise<void> {
    await addNote(connection, `handled ${type}`);
  }

  async function titles(): Promise<string[]> {
    const rows = await database.read((connection) => connection.select().from(notes));
    return rows.map(({ title }) => title).sort();
  }

  test("an event is committed with the change it tells of, or not at all", async () => {
    await emitted(event("kept"));
    await assert.rejects(
      database.write(async (connection) => {
        await emit(connection, event("lost"));
        throw new Error("no");
      }),
    );
    const to = destination();
    assert.equal(await relay(to).publishBatch(), 1);
    assert.deepEqual(to.seen, ["kept"]);
    assert.equal(await relay(to).publishBatch(), 0);
  });

  test("events are published in the order in which they were emitted", async () => {
    const events = Array.from({ length: 20 }, (_, index) => event(`e${index}`));
    await emitted(...events);
    const to = destination();
    await relay(to).publishBatch();
    assert.deepEqual(
      to.seen,
      events.map(({ type }) => type),
    );
  });

  test("what a refused event is followed by of the same row waits for it, the others do not", async () => {
    let time = Date.now() + 1000;
    const [aggregate, other] = [uuid7(), uuid7()];
    const first = event("refused", aggregate);
    await emitted(first);
    const refusing = destination("refused");
    const moving = relay(refusing, { clock: () => time });
    await moving.publishBatch();
    await emitted(event("behind", aggregate), event("other", other));
    await moving.publishBatch();
    assert.deepEqual(refusing.seen, ["other"]);
    const { error, attempts, next_attempt_at } = await row(first);
    assert.deepEqual([error, attempts], ["refused", 1]);
    assert(next_attempt_at > momentAt(time));
    time += 3_600_000;
    const willing = destination();
    await relay(willing, { clock: () => time }).publishBatch();
    assert.deepEqual(willing.seen, ["refused", "behind"]);
  });

  test("an event that is refused too often is given up, and keeps nobody waiting", async () => {
    let time = Date.now() + 1000;
    const aggregate = uuid7();
    const first = event("refused", aggregate);
    await emitted(first, event("behind", aggregate));
    const moving = relay(destination("refused"), { clock: () => (time += 3_600_000), maxAttempts: 2 });
    await moving.publishBatch();
    await moving.publishBatch();
    assert.notEqual((await row(first)).failed_at, null);
    assert(lines.named("events").some(({ level, message }) => level === "error" && message === "An event is given up"));
  });

  test("what a destination did not take goes back as it was, and what a killed relay held comes free", async () => {
    let time = Date.now() + 1000;
    const one = event("one");
    await emitted(one);
    const broken: Destination = { publish: () => Promise.reject(new Error("gone")) };
    await assert.rejects(relay(broken, { clock: () => time }).publishBatch(), /gone/);
    assert.equal((await row(one)).attempts, 0);
    const held = { limit: 10, now: momentAt(time), leasedUntil: momentAt(time + 30_000) };
    assert.equal((await database.write((connection) => claim(connection, held))).length, 1);
    const to = destination();
    assert.equal(await relay(to, { clock: () => time }).publishBatch(), 0);
    time += 31_000;
    assert.equal(await relay(to, { clock: () => time }).publishBatch(), 1);
  });

  test("relays side by side publish every event once", async () => {
    await emitted(...Array.from({ length: 30 }, (_, index) => event(`e${index}`)));
    const to = destination();
    const relays = [1, 2, 3].map(
      () => new Relay({ database, destination: to, wake: new Wake(), logger, batchSize: 10 }),
    );
    await Promise.all(relays.map((each) => each.publishBatch()));
    assert.equal(new Set(to.seen).size, 30);
    assert.equal(to.seen.length, 30);
  });

  test("what was published can be published again, and is purged in the end", async () => {
    await emitted(event("one"));
    await relay(destination()).publishBatch();
    assert.equal(await database.write((connection) => republish(connection, "2000-01-01T00:00:00Z")), 1);
    const to = destination();
    await relay(to).publishBatch();
    assert.deepEqual(to.seen, ["one"]);
    await database.write((connection) => purgePublished(connection, "2000-01-01T00:00:00Z"));
    assert.equal((await database.read((connection) => connection.select().from(outboxEvents))).length, 1);
    await database.write((connection) => purgePublished(connection, "9999-01-01T00:00:00Z"));
    assert.deepEqual(await database.read((connection) => connection.select().from(outboxEvents)), []);
  });

  test("an event takes effect once, however often and by whomever it is delivered", async () => {
    const consumer: Consumer = { name: "notes", handlers: { "a.b": leaveNote } };
    const one = event("a.b");
    const delivered = await Promise.all([1, 2, 3].map(() => deliver(database, consumer, one)));
    assert.deepEqual(delivered.filter(Boolean), [true]);
    assert.deepEqual(await titles(), ["handled a.b"]);
    assert.equal(await deliver(database, consumer, event("other")), false);
    await database.write((connection) => purgeProcessed(connection, "9999-01-01T00:00:00Z"));
    assert.deepEqual(await database.read((connection) => connection.select().from(processedEvents)), []);
  });

  test("a handler that fails leaves nothing behind, and may try again", async () => {
    let fails = true;
    const handle = async (connection: Connection, given: Event): Promise<void> => {
      await leaveNote(connection, given);
      if (fails) throw new Error("no");
    };
    const consumer: Consumer = { name: "notes", handlers: { "a.b": handle } };
    const one = event("a.b");
    await assert.rejects(deliver(database, consumer, one), HandlerError);
    assert.deepEqual(await titles(), []);
    fails = false;
    assert.equal(await deliver(database, consumer, one), true);
  });

  test("a handler that takes too long is not waited for, and what it does afterwards does not count", async () => {
    const over = Promise.withResolvers<void>();
    const late = Promise.withResolvers<unknown>();
    const handle = async (connection: Connection, given: Event): Promise<void> => {
      await over.promise;
      await leaveNote(connection, given).then(late.resolve, late.resolve);
    };
    const consumer: Consumer = { name: "notes", handlers: { "a.b": handle }, timeout: 20 };
    await assert.rejects(deliver(database, consumer, event("a.b")), HandlerError);
    over.resolve();
    assert((await late.promise) instanceof Error);
    assert.deepEqual(await titles(), []);
  });

  test("without a broker the consumers of the process handle events, and a failure holds up its row alone", async () => {
    const [stuck, free] = [uuid7(), uuid7()];
    await emitted(event("bad", stuck), event("good", stuck), event("good", free));
    const handled: string[] = [];
    const consumer: Consumer = {
      name: "c",
      handlers: {
        good: async (_connection, { aggregateId }) => void handled.push(aggregateId),
        bad: () => Promise.reject(new Error("cannot")),
      },
    };
    assert.equal(await relay(new InProcess(database, [consumer])).publishBatch(), 1);
    assert.deepEqual(handled, [free]);
  });

  test("an event comes out of a stream as it went in", () => {
    const one = { ...event("a.b"), tenantId: uuid7(), payload: { text: "ü\n", list: [1, null] } };
    assert.deepEqual(fromFields(toFields(one)), one);
    assert.deepEqual(fromFields(toFields(event("x"))).tenantId, null);
    assert.throws(() => fromFields(["id", "x"]), RangeError);
  });

  test("a stream is filled in order and trimmed only of what every group has handled", async () => {
    const stream = randomBytes(6).toString("hex");
    const to = new RedisStream(redis, stream, 5);
    const batch = (count: number) =>
      Array.from({ length: count }, (_, sequence) => ({ sequence, attempts: 1, event: event(`e${sequence}`) }));
    await to.publish(batch(4));
    await redis.xgroup("CREATE", stream, "slow", "0");
    await assert.rejects(to.publish(batch(3)), StreamFullError);
    const read = await redis.xreadgroup("GROUP", "slow", "m", "COUNT", 4, "STREAMS", stream, ">");
    const [first, second] = read![0]![1].map(([id]) => id);
    await redis.xack(stream, "slow", first!, second!);
    await to.publish(batch(3));
    assert.equal(await redis.xlen(stream), 5);
  });

  test("members of a group share a stream; what fails too often goes to the dead letters", async () => {
    const stream = randomBytes(6).toString("hex");
    const publisher = new RedisStream(redis, stream);
    const good = Array.from({ length: 6 }, (_, sequence) => ({
      sequence,
      attempts: 1,
      event: event(`good ${sequence}`),
    }));
    await publisher.publish([...good, { sequence: 9, attempts: 1, event: event("bad") }]);
    const done = Promise.withResolvers<void>();
    const handlers: Record<string, Consumer["handlers"][string]> = {
      bad: () => Promise.reject(new Error("cannot")),
    };
    for (const {
      event: { type },
    } of good)
      handlers[type] = leaveNote;
    const stop = new AbortController();
    const options = {
      database,
      consumer: { name: "c", handlers },
      logger,
      stream,
      retryAfter: 20,
      maxAttempts: 2,
      block: 10,
    };
    const members = [1, 2].map(
      () => new StreamConsumer({ ...options, redis: connectRedis(process.env["TEST_REDIS_URL"] ?? "", 5000) }),
    );
    const running = members.map((member) => member.run(stop.signal));
    const look = setInterval(() => {
      void redis.xlen(members[0]!.deadLetters).then((length) => length > 0 && done.resolve());
    }, 10);
    await done.promise;
    clearInterval(look);
    stop.abort();
    await Promise.all(running);
    assert.deepEqual(
      await titles(),
      good.map(({ event: { type } }) => `handled ${type}`),
    );
    const [[, letter]] = (await redis.xrange(members[0]!.deadLetters, "-", "+")) as [[string, string[]]];
    assert.deepEqual(letter.slice(0, 6), ["consumer", "c", "error", "Error: cannot", "attempts", "2"]);
    assert.equal(fromFields(letter.slice(6)).type, "bad");
    const [pending] = (await redis.xpending(stream, "c")) as [number];
    assert.equal(pending, 0);
    assert.deepEqual(await redis.xinfo("CONSUMERS", stream, "c"), []);
  });

  test("a webhook is told each event once it takes it, and a refusal holds up its row alone", async () => {
    const got: Record<string, unknown>[] = [];
    const server = createServer(async (request, response) => {
      const told = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Record<string, unknown>;
      got.push(told);
      response.writeHead(told["type"] === "bad" ? 500 : 204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const [stuck, free] = [uuid7(), uuid7()];
    const bad = event("bad", stuck);
    await emitted(bad, event("behind", stuck), event("good", free));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    assert.equal(await relay(new Webhook({ url })).publishBatch(), 1);
    assert.deepEqual(
      got.map(({ type, aggregate_id }) => [type, aggregate_id]),
      [
        ["bad", stuck],
        ["good", free],
      ],
    );
    assert.equal((await row(bad)).error, "Error: answered 500");
    server.closeAllConnections();
    server.close();
  });

  test("a worker hands events to consumers as soon as they are committed, with and without Redis", async () => {
    for (const url of ["", process.env["TEST_REDIS_URL"] ?? ""]) {
      await empty(database);
      const handled = Promise.withResolvers<string>();
      const consumer: Consumer = { name: "c", handlers: { "a.b": async (_connection, { id }) => handled.resolve(id) } };
      const stop = new AbortController();
      const stream = randomBytes(6).toString("hex");
      const working = work(database, url, lines.loggers, stop.signal, { stream, consumers: [consumer] });
      const one = event("a.b");
      await emitted(one);
      assert.equal(await handled.promise, one.id);
      stop.abort();
      await working;
      assert.equal((await database.read((connection) => connection.select().from(periodicJobs))).length, 3);
    }
  });

  test("whoever waits is woken by the commit of a transaction that emitted", async () => {
    const wake = new Wake();
    wakeAfterEmit(database, wake);
    const waiting = wake.wait(20_000, new AbortController().signal);
    await emitted(event("one"));
    await waiting;
  });

  test("a job runs when it is due, once for all workers, and stays due if it fails", async () => {
    const begin = Date.now();
    let runs = 0;
    const job = { name: "j", every: 60_000, run: async (): Promise<void> => void (runs += 1) };
    const both = await Promise.all([runIfDue(database, job, begin), runIfDue(database, job, begin)]);
    assert.deepEqual(both.filter(Boolean), [true]);
    assert.equal(await runIfDue(database, job, begin + 59_000), false);
    const failing = { ...job, run: () => Promise.reject(new Error("no")) };
    await assert.rejects(runIfDue(database, failing, begin + 60_000));
    assert.equal(await runIfDue(database, job, begin + 60_000), true);
    assert.equal(runs, 2);
  });

  test("pauses grow, and differ", () => {
    for (const attempt of [1, 5, 40]) {
      const longest = Math.min(30_000, 100 * 2 ** attempt);
      const pauses = Array.from({ length: 20 }, () => backoff(attempt));
      assert(pauses.every((pause) => pause >= longest / 2 && pause <= longest));
      assert(new Set(pauses).size > 1);
    }
    assert.equal(reasonOf(new Error("outer", { cause: new TypeError("in\nner") })), "TypeError: in ner");
  });
});
