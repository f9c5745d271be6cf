import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, test } from "node:test";

import { entryOf, type Cache, type Entry } from "../src/core/cache/base.ts";
import { RequestMemo } from "../src/core/cache/memo.ts";
import { MemoryCache } from "../src/core/cache/memory.ts";
import { RedisCache } from "../src/core/cache/redisCache.ts";
import { decode, encode } from "../src/core/cache/stored.ts";
import { CircuitBreaker } from "../src/core/circuitBreaker.ts";
import { connectRedis } from "../src/core/redisClient.ts";
import { Lines } from "./support.ts";

describe("cache", () => {
  const redis = connectRedis(process.env["TEST_REDIS_URL"] ?? "", 5000);
  after(() => redis.disconnect());

  const logger = new Lines().loggers("cache");

  interface Made {
    readonly cache: Cache;
    readonly forward: (seconds: number) => void;
  }

  function made(kind: string): Made {
    let time = 1_900_000_000_000;
    const clock = () => time;
    const forward = (seconds: number) => void (time += seconds * 1000);
    if (kind === "memory") return { cache: new MemoryCache(logger, { clock }), forward };
    const access = { redis, breaker: new CircuitBreaker(), logger };
    return { cache: new RedisCache(access, { clock, prefix: randomBytes(6).toString("hex") }), forward };
  }

  /** Loads one body after the other, and counts. */
  function loader(...bodies: readonly string[]) {
    let count = 0;
    const load = async (): Promise<Entry> => {
      count += 1;
      return entryOf(bodies[count - 1] ?? `body ${count}`);
    };
    return Object.assign(load, { count: () => count });
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 1000 && !condition(); turn++) await new Promise(setImmediate);
    assert(condition());
  }

  for (const kind of ["memory", "redis"]) {
    test(`${kind}: an entry is loaded once while it is fresh`, async () => {
      const { cache, forward } = made(kind);
      const load = loader("first", "second");
      const seen = async () => (await cache.fetch("n", "k", { ttl: 10 }, load)).body;
      assert.deepEqual([await seen(), await seen()], ["first", "first"]);
      forward(9);
      assert.equal(await seen(), "first");
      forward(2);
      assert.equal(await seen(), "second");
    });

    test(`${kind}: of many readers one loads`, async () => {
      const { cache } = made(kind);
      const load = loader("one");
      const seen = await Promise.all(Array.from({ length: 20 }, () => cache.fetch("n", "k", { ttl: 10 }, load)));
      assert.deepEqual([new Set(seen.map(({ body }) => body)), load.count()], [new Set(["one"]), 1]);
    });

    test(`${kind}: what a loader throws goes to everyone who waits, and is not kept`, async () => {
      const { cache } = made(kind);
      const fails = async (): Promise<Entry> => {
        throw new Error("no");
      };
      const outcomes = await Promise.allSettled([1, 2].map(() => cache.fetch("n", "k", { ttl: 10 }, fails)));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["rejected", "rejected"],
      );
      assert.equal((await cache.fetch("n", "k", { ttl: 10 }, loader("yes"))).body, "yes");
    });

    test(`${kind}: a stale entry is served while one loader renews it`, async () => {
      const { cache, forward } = made(kind);
      const load = loader("old", "new");
      const seen = async () => (await cache.fetch("n", "k", { ttl: 10, stale: 60 }, load)).body;
      await seen();
      forward(11);
      assert.deepEqual(await Promise.all([seen(), seen(), seen()]), ["old", "old", "old"]);
      await until(() => load.count() === 2);
      await cache.close();
      assert.equal(await seen(), "new");
      assert.equal(load.count(), 2);
    });

    test(`${kind}: nothing of before an invalidation is served after it`, async () => {
      const { cache } = made(kind);
      const load = loader("old", "new");
      await cache.fetch("n", "k", { ttl: 10 }, load);
      await cache.fetch("other", "k", { ttl: 10 }, loader("other"));
      await cache.invalidate("n");
      assert.equal((await cache.fetch("n", "k", { ttl: 10 }, load)).body, "new");
      assert.equal((await cache.fetch("other", "k", { ttl: 10 }, loader("not loaded"))).body, "other");
    });

    test(`${kind}: what was being loaded when the invalidation came is not kept`, async () => {
      const { cache } = made(kind);
      const reading = Promise.withResolvers<void>();
      const written = Promise.withResolvers<void>();
      const slow = cache.fetch("n", "k", { ttl: 10 }, async () => {
        reading.resolve();
        await written.promise;
        return entryOf("of before the write");
      });
      await reading.promise;
      await cache.invalidate("n");
      written.resolve();
      await slow;
      assert.equal((await cache.fetch("n", "k", { ttl: 10 }, loader("of after"))).body, "of after");
    });
  }

  test("memory: bounds are kept, and the least recently used go first", async () => {
    const cache = new MemoryCache(logger, { maxEntries: 2 });
    for (const key of ["a", "b", "a", "c"]) await cache.fetch("n", key, { ttl: 10 }, loader(key));
    assert.equal(cache.length, 2);
    assert.equal((await cache.fetch("n", "a", { ttl: 10 }, loader("not loaded"))).body, "a");
    assert.equal((await cache.fetch("n", "b", { ttl: 10 }, loader("again"))).body, "again");
    const small = new MemoryCache(logger, { maxBytes: 1000 });
    for (const key of ["a", "b", "c"]) await small.fetch("n", key, { ttl: 10 }, loader("x".repeat(100)));
    assert.deepEqual([small.length, small.size <= 1000], [1, true]);
    await small.fetch("n", "big", { ttl: 10 }, loader("x".repeat(2000)));
    assert.equal(small.length, 1);
  });

  test("memory: what was read before a write does not take the place of what was read after it", async () => {
    const cache = new MemoryCache(logger);
    const written = Promise.withResolvers<Entry>();
    const slow = cache.fetch("n", "k", { ttl: 10 }, () => written.promise);
    await cache.invalidate("n");
    await cache.fetch("n", "k", { ttl: 10 }, loader("of after"));
    written.resolve(entryOf("of before"));
    assert.equal((await slow).body, "of before");
    assert.equal((await cache.fetch("n", "k", { ttl: 10 }, loader("not loaded"))).body, "of after");
  });

  test("memory: an invalidation of one namespace too many revives nothing", async () => {
    const cache = new MemoryCache(logger, { maxNamespaces: 2 });
    await cache.fetch("n", "k", { ttl: 10 }, loader("old"));
    await cache.invalidate("n");
    await cache.invalidate("o", "p");
    assert.equal((await cache.fetch("n", "k", { ttl: 10 }, loader("new"))).body, "new");
  });

  test("redis: processes share what one has loaded, and one's invalidation reaches the other", async () => {
    const options = { prefix: randomBytes(6).toString("hex") };
    const [one, other] = [1, 2].map(() => new RedisCache({ redis, breaker: new CircuitBreaker(), logger }, options));
    const load = loader("one", "two");
    await one!.fetch("n", "k", { ttl: 10 }, load);
    assert.equal((await other!.fetch("n", "k", { ttl: 10 }, load)).body, "one");
    await other!.invalidate("n");
    assert.equal((await one!.fetch("n", "k", { ttl: 10 }, load)).body, "two");
  });

  test("redis: of two processes one loads, the other waits for it", async () => {
    const options = { prefix: randomBytes(6).toString("hex") };
    const [one, other] = [1, 2].map(() => new RedisCache({ redis, breaker: new CircuitBreaker(), logger }, options));
    const loading = Promise.withResolvers<void>();
    const loaded = Promise.withResolvers<void>();
    const first = one!.fetch("n", "k", { ttl: 10 }, async () => {
      loading.resolve();
      await loaded.promise;
      return entryOf("one");
    });
    await loading.promise;
    const second = other!.fetch("n", "k", { ttl: 10 }, loader("not loaded"));
    loaded.resolve();
    assert.deepEqual([(await first).body, (await second).body], ["one", "one"]);
  });

  test("redis: gone, every read loads and none fails; what it did not hear is owed", async () => {
    const broken = connectRedis("redis://127.0.0.1:1", 100);
    const breaker = new CircuitBreaker({ failures: 1, rest: 0 });
    const access = { redis: broken, breaker, logger };
    const prefix = randomBytes(6).toString("hex");
    const whole = new RedisCache({ redis, breaker: new CircuitBreaker(), logger }, { prefix });
    await whole.fetch("n", "k", { ttl: 60 }, loader("old"));
    const cache = new RedisCache(access, { prefix });
    assert.equal((await cache.fetch("n", "k", { ttl: 60 }, loader("loaded"))).body, "loaded");
    await cache.invalidate("n");
    access.redis = redis; // it is back
    assert.equal((await cache.fetch("n", "k", { ttl: 60 }, loader("new"))).body, "new");
    assert.equal((await whole.fetch("n", "k", { ttl: 60 }, loader("not loaded"))).body, "new");
    broken.disconnect();
  });

  test("what is kept is read only by its own generation, and only whole", () => {
    const entry = entryOf('{"a":\n1}');
    const stored = { generation: "g1", freshUntil: 1, staleUntil: 2, entry };
    assert.deepEqual(decode(encode(stored), "g1"), stored);
    assert.equal(decode(encode(stored), "g2"), null);
    assert.equal(decode("", "g1"), null);
    assert.equal(decode(null, "g1"), null);
  });

  test("a request fetches once what it needs twice", async () => {
    const memo = new RequestMemo();
    let count = 0;
    const load = async () => ++count;
    assert.deepEqual(await Promise.all([memo.get("k", load), memo.get("k", load)]), [1, 1]);
    memo.forget("k");
    assert.equal(await memo.get("k", load), 2);
    await assert.rejects(memo.get("f", () => Promise.reject(new Error("no"))));
    assert.equal(await memo.get("f", load), 3);
  });
});
