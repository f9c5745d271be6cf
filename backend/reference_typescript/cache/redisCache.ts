/** An application cache in Redis, shared by all processes. Without Redis every fetch loads, and none fails. */

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { Redis } from "ioredis";

import { askRedis, type RedisAccess } from "../redisClient.ts";
import type { Cache, Entry, Lifetime, Load } from "./base.ts";
import { SingleFlight } from "./flight.ts";
import { Renewals } from "./renewal.ts";
import { decode, encode, type Stored } from "./stored.ts";

const GENERATION_SECONDS = 7 * 86_400;
/** Milliseconds between two looks at an entry that another process is loading. */
const POLL = 20;

/** What a reader sees: the generation of the namespace, and the value of that generation. */
interface Seen {
  readonly generation: string;
  readonly stored: Stored | null;
}

/** How long things take, in milliseconds; the processes compare their times, which are of since 1970. */
export interface RedisCacheOptions {
  readonly prefix?: string;
  readonly lock?: number;
  /** For so long a reader waits for another process's loader before it loads itself. */
  readonly patience?: number;
  readonly clock?: () => number;
}

/**
 * One loader a key among all processes, by a short lock; one a process while Redis is away.
 *
 * A namespace has a generation: a random token in Redis, which an invalidation replaces. It is read in the same round
 * trip as the value and before a load, and every value carries the one it was loaded under, so what was loaded from
 * before a write can never be served after its invalidation. A token that Redis has evicted is replaced by a new one:
 * nothing old comes back to life.
 *
 * An invalidation that Redis did not hear of is owed: this process uses none of the namespace's entries until Redis
 * has taken it. Other processes may serve them until they expire.
 */
export class RedisCache implements Cache {
  readonly #access: RedisAccess;
  readonly #prefix: string;
  readonly #lock: number;
  readonly #patience: number;
  readonly #clock: () => number;
  readonly #owed = new Map<string, number>();
  readonly #flights = new SingleFlight<Entry>();
  readonly #renewals: Renewals;
  #invalidations = 0;

  constructor(access: RedisAccess, options: RedisCacheOptions = {}) {
    this.#access = access;
    this.#renewals = new Renewals(access.logger);
    this.#prefix = options.prefix ?? "cache";
    this.#lock = options.lock ?? 5000;
    this.#patience = options.patience ?? 1000;
    this.#clock = options.clock ?? Date.now;
  }

  async fetch(namespace: string, key: string, { ttl, stale = 0 }: Lifetime, load: Load): Promise<Entry> {
    if (this.#owed.size > 0) await this.#settle();
    const seen = this.#owed.has(namespace) ? null : await this.#look(namespace, key);
    if (seen === null) {
      return this.#flights.run(`${this.#owed.get(namespace) ?? 0} ${namespace} ${key}`, load);
    }
    const { generation, stored } = seen;
    const now = this.#clock();
    if (stored && now < stored.freshUntil) return stored.entry;
    const loadAndStore = async (): Promise<Entry> => {
      const entry = await load();
      const freshUntil = this.#clock() + ttl * 1000;
      const staleUntil = freshUntil + stale * 1000;
      await this.#store(namespace, key, { generation, freshUntil, staleUntil, entry }, ttl + stale);
      return entry;
    };
    const flight = `${generation} ${namespace} ${key}`;
    const lock = this.#name("lock", namespace, `${generation}:${key}`);
    if (stored && now < stored.staleUntil) {
      this.#renewals.start(flight, () => this.#loadIfFree(namespace, key, lock, loadAndStore));
      return stored.entry;
    }
    return this.#flights.run(flight, () => this.#loadInTurn(namespace, key, lock, loadAndStore));
  }

  async invalidate(...namespaces: readonly string[]): Promise<void> {
    this.#invalidations += 1;
    const due = this.#invalidations;
    if (await this.#replaceGenerations(namespaces)) return;
    for (const namespace of namespaces) this.#owed.set(namespace, due);
  }

  async close(): Promise<void> {
    await this.#renewals.close();
  }

  async #settle(): Promise<void> {
    const owed = [...this.#owed];
    if (!(await this.#replaceGenerations(owed.map(([namespace]) => namespace)))) return;
    for (const [namespace, since] of owed) {
      if (this.#owed.get(namespace) === since) this.#owed.delete(namespace); // else another one has failed meanwhile
    }
  }

  async #replaceGenerations(namespaces: readonly string[]): Promise<boolean> {
    const done = await askRedis(this.#access, async (redis) => {
      const set = (namespace: string) =>
        redis.set(this.#name("generation", namespace), newGeneration(), "EX", GENERATION_SECONDS);
      await Promise.all(namespaces.map(set));
      return true;
    });
    return done !== null;
  }

  /** The generation and the value, in one round trip; `null` when Redis is away. */
  async #look(namespace: string, key: string): Promise<Seen | null> {
    const name = this.#name("generation", namespace);
    return askRedis(this.#access, async (redis) => {
      const [generation = null, value = null] = await redis.mget(name, this.#name("value", namespace, key));
      if (generation === null) return { generation: await firstGeneration(redis, name), stored: null };
      return { generation, stored: decode(value, generation) };
    });
  }

  async #store(namespace: string, key: string, stored: Stored, seconds: number): Promise<void> {
    const milliseconds = Math.max(1, Math.round(seconds * 1000));
    const name = this.#name("value", namespace, key);
    await askRedis(this.#access, (redis) => redis.set(name, encode(stored), "PX", milliseconds));
  }

  /** Loads unless another process does, or has just done so. */
  async #loadIfFree(namespace: string, key: string, lock: string, load: Load): Promise<Entry | null> {
    if (!(await this.#take(lock))) return null;
    try {
      return (await this.#fresh(namespace, key))?.entry ?? (await load());
    } finally {
      // A lock that has expired may be another's by now; taking it away costs one load too many, no more.
      await askRedis(this.#access, (redis) => redis.del(lock));
    }
  }

  /** Loads, or waits for the process that is loading; past the patience it loads all the same. */
  async #loadInTurn(namespace: string, key: string, lock: string, load: Load): Promise<Entry> {
    const end = performance.now() + this.#patience;
    while (performance.now() < end && !this.#access.breaker.open) {
      const entry = await this.#loadIfFree(namespace, key, lock, load);
      if (entry !== null) return entry;
      await sleep(POLL);
      const stored = await this.#fresh(namespace, key);
      if (stored !== null) return stored.entry;
    }
    return load();
  }

  async #fresh(namespace: string, key: string): Promise<Stored | null> {
    const stored = (await this.#look(namespace, key))?.stored ?? null;
    return stored && this.#clock() < stored.freshUntil ? stored : null;
  }

  async #take(lock: string): Promise<boolean> {
    const taken = await askRedis(this.#access, async (redis) => {
      return (await redis.set(lock, "", "PX", this.#lock, "NX")) !== null;
    });
    return taken !== false; // without Redis nobody else can be asked
  }

  #name(kind: string, namespace: string, key = ""): string {
    // Braces: a Redis cluster keeps what they enclose on one node, and one command reads both.
    return `${this.#prefix}:{${namespace}}:${kind}:${key}`;
  }
}

function newGeneration(): string {
  return randomBytes(16).toString("base64url");
}

async function firstGeneration(redis: Redis, name: string): Promise<string> {
  await redis.set(name, newGeneration(), "EX", GENERATION_SECONDS, "NX");
  return (await redis.get(name)) ?? newGeneration();
}
