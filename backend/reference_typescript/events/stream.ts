/** Events on a Redis stream. What a group of consumers has not handled yet is never trimmed away. */

import type { Redis } from "ioredis";

import { toFields } from "./event.ts";
import type { Claimed, Outcome } from "./outbox.ts";
import type { Destination } from "./relay.ts";

/** Consumers are too far behind; events stay in the outbox until they have caught up. */
export class StreamFullError extends Error {}

/**
 * Publishes to one stream.
 *
 * The server must keep what it acknowledged: `appendonly yes`, and `maxmemory-policy noeviction`.
 */
export class RedisStream implements Destination {
  readonly #redis: Redis;
  readonly #name: string;
  readonly #maxLength: number;

  /** From `maxLength` entries on old ones are removed, as far as every group has handled them. */
  constructor(redis: Redis, name: string, maxLength = 100_000) {
    this.#redis = redis;
    this.#name = name;
    this.#maxLength = maxLength;
  }

  /**
   * Appends a batch, all of it or nothing.
   *
   * @throws StreamFullError there is no room
   */
  async publish(batch: readonly Claimed[]): Promise<Outcome> {
    if (!(await this.#hasRoom(batch.length))) {
      await this.#trim();
      if (!(await this.#hasRoom(batch.length))) {
        throw new StreamFullError(`Stream ${this.#name} holds ${this.#maxLength} entries that wait to be handled`);
      }
    }
    const transaction = this.#redis.multi();
    for (const { event } of batch) transaction.xadd(this.#name, "*", ...toFields(event));
    const answers = await transaction.exec();
    const refusal =
      answers === null ? new Error("the transaction was discarded") : answers.find(([error]) => error)?.[0];
    if (refusal) throw refusal;
    return { published: batch.map(({ sequence }) => sequence), failed: new Map() };
  }

  async #hasRoom(entries: number): Promise<boolean> {
    return (await this.#redis.xlen(this.#name)) + entries <= this.#maxLength;
  }

  /** Removes what all groups have handled; without any group, the older half. */
  async #trim(): Promise<void> {
    const groups = (await this.#redis.xinfo("GROUPS", this.#name)) as unknown[][];
    if (groups.length === 0) {
      await this.#redis.xtrim(this.#name, "MAXLEN", Math.floor(this.#maxLength / 2));
      return;
    }
    const needed: string[] = [];
    for (const group of groups) {
      const facts = factsOf(group);
      const [pending, first] = (await this.#redis.xpending(this.#name, String(facts.get("name")))) as [number, string];
      needed.push(pending > 0 ? first : String(facts.get("last-delivered-id")));
    }
    const [oldest = "0-0"] = needed.sort(byPosition);
    await this.#redis.xtrim(this.#name, "MINID", oldest);
  }
}

/** Names and values by turns, as Redis lists facts. */
export function factsOf(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  const facts = new Map<string, unknown>();
  for (let index = 0; index + 1 < list.length; index += 2) facts.set(String(list[index]), list[index + 1]);
  return facts;
}

function byPosition(one: string, other: string): number {
  const [milliseconds = 0, number = 0] = one.split("-").map(Number);
  const [otherMilliseconds = 0, otherNumber = 0] = other.split("-").map(Number);
  return milliseconds - otherMilliseconds || number - otherNumber;
}
