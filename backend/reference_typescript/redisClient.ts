/** The connection to Redis: every wait short, no retries behind the caller's back. */

import { Redis } from "ioredis";

import type { CircuitBreaker } from "./circuitBreaker.ts";
import type { Logger } from "./logs.ts";

/** Milliseconds: Redis only makes the application faster, so nobody waits long for it. */
const PATIENCE = 250;
/** Milliseconds between two tries to connect, at most. */
const LONGEST_PAUSE = 2000;

/**
 * A client for `redis://`, `rediss://` or `unix://`; it connects on first use.
 *
 * `patience` (milliseconds) bounds connecting and each answer.
 */
export function connectRedis(url: string, patience = PATIENCE): Redis {
  const redis = new Redis(url.replace(/^unix:\/\//, ""), {
    lazyConnect: true,
    connectTimeout: patience,
    commandTimeout: patience,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(25 * 2 ** times, LONGEST_PAUSE),
  });
  redis.on("error", () => undefined); // whoever asks hears of it
  return redis;
}

/** A Redis, and what is needed to do without it. */
export interface RedisAccess {
  readonly redis: Redis;
  readonly breaker: CircuitBreaker;
  readonly logger: Logger;
}

/** What Redis answers, or `null` when it is away: too slow, unreachable, or found so a moment ago. */
export async function askRedis<Answer>(
  { redis, breaker, logger }: RedisAccess,
  question: (redis: Redis) => Promise<Answer>,
  patience = PATIENCE,
): Promise<Answer | null> {
  if (!breaker.allows()) return null;
  try {
    const answer = await within(patience, question(redis));
    breaker.succeeded();
    return answer;
  } catch (error) {
    breaker.failed();
    logger.warning("Redis is away", { reason: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

async function within<Answer>(milliseconds: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
