import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { after, describe, test } from "node:test";

import { CircuitBreaker } from "../src/core/circuitBreaker.ts";
import { uuid7 } from "../src/core/ids.ts";
import { limitOf, MemoryRateLimiter, rateLimitHeaders, type Limit, type RateLimiter } from "../src/core/rateLimit.ts";
import { RedisRateLimiter } from "../src/core/rateLimitRedis.ts";
import { connectRedis } from "../src/core/redisClient.ts";
import { closeServices } from "../src/core/services.ts";
import { application, ask, CREATIONS, Lines, signedIn } from "./support.ts";

describe("limits", () => {
  const redis = connectRedis(process.env["TEST_REDIS_URL"] ?? "", 5000);
  after(() => redis.disconnect());

  /** A clock at the beginning of a window, set forward by hand. */
  function clockAt(start = 1_900_000_020_000) {
    let time = start;
    return Object.assign(() => time, { forward: (seconds: number) => (time += seconds * 1000) });
  }

  async function allowed(limiter: RateLimiter, limit: Limit, times: number, key = "address:1"): Promise<number> {
    let count = 0;
    for (let index = 0; index < times; index++) count += Number((await limiter.hit(key, limit)).allowed);
    return count;
  }

  test("in any window no more requests pass than the quota", async () => {
    const clock = clockAt();
    const limiter = new MemoryRateLimiter({ clock });
    const limit = limitOf("l", 10, 20);
    clock.forward(19);
    assert.equal(await allowed(limiter, limit, 12), 10);
    clock.forward(2); // a second into the next window, which still reaches back to nearly all of the ten
    assert.equal(await allowed(limiter, limit, 12), 0);
    clock.forward(9); // half of them have fallen out
    assert.equal(await allowed(limiter, limit, 12), 5);
    clock.forward(40);
    assert.equal(await allowed(limiter, limit, 12), 10);
  });

  test("whoever is refused is told when to come back, and may then", async () => {
    const clock = clockAt();
    const limiter = new MemoryRateLimiter({ clock });
    const limit = limitOf("l", 4, 60);
    clock.forward(30);
    assert.equal(await allowed(limiter, limit, 4), 4);
    const refused = await limiter.hit("address:1", limit);
    assert.deepEqual([refused.allowed, refused.remaining], [false, 0]);
    clock.forward(refused.resetSeconds - 1);
    assert.equal(await allowed(limiter, limit, 1), 0);
    clock.forward(1);
    assert.equal(await allowed(limiter, limit, 1), 1);
  });

  test("keys and limits do not touch each other", async () => {
    const limiter = new MemoryRateLimiter({ clock: clockAt() });
    assert.equal(await allowed(limiter, limitOf("a", 1, 60), 2, "one"), 1);
    assert.equal(await allowed(limiter, limitOf("a", 1, 60), 2, "two"), 1);
    assert.equal(await allowed(limiter, limitOf("b", 1, 60), 2, "one"), 1);
  });

  test("of too many keys the one idle for longest is forgotten", async () => {
    const limiter = new MemoryRateLimiter({ clock: clockAt(), maxKeys: 2 });
    const limit = limitOf("l", 1, 60);
    for (const key of ["busy", "idle", "busy", "new"]) await limiter.hit(key, limit);
    assert.equal(limiter.size, 2);
    assert.equal(await allowed(limiter, limit, 1, "busy"), 0);
    assert.equal(await allowed(limiter, limit, 1, "idle"), 1);
  });

  test("a limit has a name, a quota and a window", () => {
    for (const [name, quota, window] of [
      ["", 1, 1],
      ["a b", 1, 1],
      ["a", 0, 1],
      ["a", 1, 0],
      ["-", 1, 1],
    ] as const) {
      assert.throws(() => limitOf(name, quota, window), RangeError);
    }
    const verdict = { allowed: true, limit: limitOf("l", 5, 60), remaining: 3, resetSeconds: 12 };
    assert.deepEqual(Object.fromEntries(rateLimitHeaders(verdict)), {
      "RateLimit-Policy": '"l";q=5;w=60',
      RateLimit: '"l";r=3;t=12',
    });
  });

  test("processes that share a Redis share their counts", async () => {
    const access = () => ({ redis, breaker: new CircuitBreaker(), logger: new Lines().loggers("l") });
    const prefix = randomBytes(6).toString("hex");
    const [one, other] = [new RedisRateLimiter(access(), prefix), new RedisRateLimiter(access(), prefix)];
    const limit = limitOf("l", 6, 3600);
    const verdicts = await Promise.all(
      Array.from({ length: 10 }, (_, index) => [one, other][index % 2]!.hit("k", limit)),
    );
    assert.equal(verdicts.filter((verdict) => verdict.allowed).length, 6);
    assert.deepEqual(new Set(verdicts.filter((verdict) => verdict.allowed).map(({ remaining }) => remaining)).size, 6);
    for (const { allowed, remaining, resetSeconds } of verdicts) {
      assert(resetSeconds >= 1 && resetSeconds <= 7200);
      if (!allowed) assert.equal(remaining, 0);
    }
    const keys = await redis.keys(`${prefix}:*`);
    assert.equal(keys.length, 1);
    const left = await redis.pttl(keys[0] ?? "");
    assert(left > 3_600_000 && left <= 7_200_000, String(left));
  });

  test("while Redis is away the process counts for itself", async () => {
    const away = connectRedis("redis://127.0.0.1:1", 200);
    const breaker = new CircuitBreaker({ failures: 2 });
    const limiter = new RedisRateLimiter({ redis: away, breaker, logger: new Lines().loggers("l") });
    assert.equal(await allowed(limiter, limitOf("l", 3, 3600), 5), 3);
    assert.equal(breaker.open, true);
    away.disconnect();
  });

  test("a Redis that takes connections and says nothing keeps nobody waiting for long", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const mute = connectRedis(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`, 50);
    const lines = new Lines();
    const breaker = new CircuitBreaker({ failures: 1 });
    const limiter = new RedisRateLimiter({ redis: mute, breaker, logger: lines.loggers("l") });
    assert.equal(await allowed(limiter, limitOf("l", 3, 3600), 5), 3);
    assert.deepEqual([breaker.open, lines.lines.length], [true, 1]);
    mute.disconnect();
    silent.close();
  });

  test("a breaker that is open lets one through in a while", () => {
    let time = 0;
    const breaker = new CircuitBreaker({ failures: 2, rest: 5000, clock: () => time });
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    assert.equal(breaker.allows(), true);
    breaker.failed();
    assert.deepEqual([breaker.open, breaker.allows()], [true, false]);
    time = 5000;
    assert.deepEqual([breaker.allows(), breaker.allows()], [true, false]);
    breaker.succeeded();
    assert.equal(breaker.allows(), true);
  });

  test("every answer tells what is left, and what is too much is answered 429", async () => {
    const { api, services } = application({}, { limit: limitOf("default", 2, 3600) });
    const first = await ask(api, "GET", "/nothing");
    assert.equal(first.headers.get("RateLimit-Policy"), '"default";q=2;w=3600');
    assert.match(first.headers.get("RateLimit") ?? "", /^"default";r=1;t=\d+$/);
    await ask(api, "GET", "/nothing");
    const refused = await ask(api, "GET", "/nothing");
    assert.deepEqual([refused.status, refused.json.error.code], [429, "RATE_LIMITED"]);
    assert.match(refused.headers.get("RateLimit") ?? "", /^"default";r=0;t=\d+$/);
    assert(Number(refused.headers.get("Retry-After")) >= 1);
    assert.equal((await ask(api, "GET", "/healthz")).status, 200);
    await closeServices(services);
  });

  test("users are counted by themselves, and all users at an address together more widely", async () => {
    const { api, services } = application({}, { limit: limitOf("default", 2, 3600) });
    const statuses: number[] = [];
    for (let user = 0; user < 11; user++) {
      const headers = await signedIn({ sub: uuid7() });
      for (let index = 0; index < 2; index++) statuses.push((await ask(api, "GET", "/nothing", { headers })).status);
    }
    assert.equal(statuses.filter((status) => status === 404).length, 20);
    assert.equal(statuses.filter((status) => status === 429).length, 2);
    await closeServices(services);
  });

  test("an operation has a limit of its own, told beside the other", async () => {
    const { api, services } = application();
    const answer = await ask(api, "POST", "/notes", { body: {}, headers: await signedIn() });
    const { name, quota, window } = CREATIONS;
    assert.equal(answer.headers.get("RateLimit-Policy"), `"default";q=100000;w=60, "${name}";q=${quota};w=${window}`);
    await closeServices(services);
    const unlimited = application({ rateLimitEnabled: false });
    assert.equal((await ask(unlimited.api, "GET", "/nothing")).headers.get("RateLimit"), null);
  });
});
