/** A member of a consumer group on a Redis stream. */

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

import type { Redis } from "ioredis";

import type { Database } from "../database.ts";
import { UnavailableError } from "../errors.ts";
import type { Logger } from "../logs.ts";
import { backoff, reasonOf, isOutage } from "./backoff.ts";
import { deliver, type Consumer } from "./consumer.ts";
import { fromFields } from "./event.ts";
import { factsOf } from "./stream.ts";
import { pause } from "./wakeup.ts";

/** Milliseconds after which a member that holds nothing and asks for nothing is taken off the list. */
const FORGOTTEN_AFTER = 3_600_000;

/** An entry of a stream: its id, and its names and values by turns. */
type Entry = readonly [id: string, fields: readonly string[] | null];

/** Times are in milliseconds. */
export interface StreamConsumerOptions {
  readonly redis: Redis;
  readonly database: Database;
  readonly consumer: Consumer;
  readonly logger: Logger;
  readonly stream: string;
  readonly batchSize?: number;
  readonly retryAfter?: number;
  readonly maxAttempts?: number;
  readonly block?: number;
}

/**
 * Reads a stream for one consumer; processes that do so share the work.
 *
 * An entry is acknowledged after its effect was committed. One whose handler failed, or whose process died, is
 * delivered again after `retryAfter`; by then later events may have been handled. After `maxAttempts` deliveries it
 * goes to the stream `<stream>:dead` with the error.
 */
export class StreamConsumer {
  readonly #options: Required<StreamConsumerOptions>;
  readonly #member = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;

  constructor(options: StreamConsumerOptions) {
    this.#options = { batchSize: 20, retryAfter: 60_000, maxAttempts: 10, block: 1000, ...options };
  }

  /** Name of the stream of events that could not be handled. */
  get deadLetters(): string {
    return `${this.#options.stream}:dead`;
  }

  /** Handles entries until `stop` is aborted; those already read are finished. */
  async run(stop: AbortSignal): Promise<void> {
    const { consumer, logger, retryAfter } = this.#options;
    let reclaimedAt = -Infinity;
    for (let failures = 0; !stop.aborted;) {
      try {
        if (failures > 0 || reclaimedAt === -Infinity) await this.#join();
        if (performance.now() - reclaimedAt >= retryAfter / 2) {
          reclaimedAt = performance.now();
          await this.#handle(await this.#reclaim());
        }
        await this.#handle(await this.#read());
        failures = 0;
      } catch (error) {
        failures += 1;
        const delay = backoff(failures);
        const known = isOutage(error) ? {} : { error };
        logger.warning("A consumer failed", { consumer: consumer.name, reason: reasonOf(error), ...known });
        await pause(delay, stop);
      }
    }
    await this.#leave();
  }

  /** Makes the group if there is none. It begins with the first entry of the stream. */
  async #join(): Promise<void> {
    const { redis, stream, consumer } = this.#options;
    try {
      await redis.xgroup("CREATE", stream, consumer.name, "0", "MKSTREAM");
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
    }
  }

  /** Takes this member off the list, unless entries it holds must be found by others. */
  async #leave(): Promise<void> {
    const { redis, stream, consumer, logger } = this.#options;
    try {
      const members = (await redis.xinfo("CONSUMERS", stream, consumer.name)) as unknown[][];
      for (const member of members.map(factsOf)) {
        const name = String(member.get("name"));
        const gone = name === this.#member || Number(member.get("idle")) > FORGOTTEN_AFTER;
        if (gone && Number(member.get("pending")) === 0) await redis.xgroup("DELCONSUMER", stream, consumer.name, name);
      }
    } catch (error) {
      logger.warning("A consumer could not take leave", { consumer: consumer.name, reason: reasonOf(error) });
    }
  }

  async #read(): Promise<readonly Entry[]> {
    const { redis, stream, consumer, batchSize, block } = this.#options;
    const group = ["GROUP", consumer.name, this.#member] as const;
    const answer = await redis.xreadgroup(...group, "COUNT", batchSize, "BLOCK", block, "STREAMS", stream, ">");
    const [first] = (answer ?? []) as [stream: string, entries: Entry[]][];
    return first?.[1] ?? [];
  }

  /** Entries whose handling failed, or that a member took and never acknowledged. */
  async #reclaim(): Promise<readonly Entry[]> {
    const { redis, stream, consumer, retryAfter, batchSize } = this.#options;
    const answer = await redis.xautoclaim(stream, consumer.name, this.#member, retryAfter, "0", "COUNT", batchSize);
    return (answer as [next: string, entries: (Entry | null)[]])[1].filter((entry) => entry !== null);
  }

  async #handle(entries: readonly Entry[]): Promise<void> {
    const { redis, database, stream, consumer, logger } = this.#options;
    const done: string[] = [];
    try {
      for (const [id, fields] of entries) {
        try {
          await deliver(database, consumer, fromFields(fields ?? []));
          done.push(id);
        } catch (error) {
          if (error instanceof UnavailableError) throw error;
          logger.error("An event failed", { event: id, consumer: consumer.name, error });
          await this.#buryIfHopeless(id, fields ?? [], reasonOf(error));
        }
      }
    } finally {
      if (done.length > 0) await redis.xack(stream, consumer.name, ...done);
    }
  }

  async #buryIfHopeless(id: string, fields: readonly string[], error: string): Promise<void> {
    const { redis, stream, consumer, maxAttempts, logger } = this.#options;
    const [pending] = (await redis.xpending(stream, consumer.name, id, id, 1)) as [string, string, number, number][];
    const attempts = pending?.[3] ?? 0;
    if (attempts < maxAttempts) return;
    logger.error("An event is given up", { event: id, consumer: consumer.name, reason: error });
    const letter = ["consumer", consumer.name, "error", error, "attempts", attempts, ...fields];
    await redis
      .multi()
      .xadd(this.deadLetters, "*", ...letter)
      .xack(stream, consumer.name, id)
      .exec();
  }
}
