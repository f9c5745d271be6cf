/** The background worker: publishes events, lets consumers handle them, runs periodic jobs. */

import { Database } from "./database.ts";
import { InProcess, type Consumer } from "./events/consumer.ts";
import { purgeProcessed, purgePublished } from "./events/outbox.ts";
import { Relay } from "./events/relay.ts";
import { RedisStream } from "./events/stream.ts";
import { StreamConsumer } from "./events/streamConsumer.ts";
import { Wake, wakeAfterEmit } from "./events/wakeup.ts";
import { purgeIdempotencyKeys } from "./idempotency.ts";
import { runJobs, type PeriodicJob } from "./jobs.ts";
import { loggers, type Loggers } from "./logs.ts";
import { momentAt } from "./moments.ts";
import { connectRedis } from "./redisClient.ts";
import type { Settings } from "./settings.ts";
import { untilSignal } from "./signals.ts";

/** Milliseconds; more than a consumer asks Redis to wait for an entry. */
const REDIS_PATIENCE = 5000;
/** Events a consumer takes at a time: as many are finished before a worker stops. */
const HANDLED_AT_ONCE = 20;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEEP_PUBLISHED = 7 * DAY;
/** How long an `Idempotency-Key` is remembered. */
const KEEP_SUBMITTED = DAY;
/** Longer than an event may stay in the outbox, on the stream or among the dead letters. */
const KEEP_PROCESSED = 30 * DAY;

/** What a worker does besides publishing. */
export interface WorkerOptions {
  /** The Redis stream that events are published to. */
  readonly stream: string;
  readonly consumers?: readonly Consumer[];
  readonly jobs?: readonly PeriodicJob[];
}

/** Works until SIGTERM or SIGINT, then finishes what is under way. */
export async function runWorker(settings: Settings, options: WorkerOptions): Promise<void> {
  const logs = loggers(settings.logLevel);
  const logger = logs("app.worker");
  const database = Database.of(settings);
  try {
    const stop = untilSignal();
    logger.info("Worker started");
    await work(database, settings.redisUrl, logs, stop, options);
    logger.info("Worker stopped");
  } finally {
    await database.close();
  }
}

/**
 * What a worker does, for a process that has other things to do as well.
 *
 * Without a `redisUrl` the events go from the outbox straight to the consumers.
 */
export async function work(
  database: Database,
  redisUrl: string,
  logs: Loggers,
  stop: AbortSignal,
  { stream, consumers = [], jobs = [] }: WorkerOptions,
): Promise<void> {
  const logger = logs("app.events");
  const wake = new Wake();
  wakeAfterEmit(database, wake);
  const tasks = [runJobs(database, [...jobs, ...purges()], logs("app.jobs"), stop)];
  if (!redisUrl) {
    const destination = new InProcess(database, consumers);
    tasks.push(new Relay({ database, destination, wake, logger, batchSize: HANDLED_AT_ONCE }).run(stop));
    await Promise.all(tasks);
    return;
  }
  // A connection each: one that waits for an entry keeps all others that share it waiting.
  const connections = [undefined, ...consumers].map(() => connectRedis(redisUrl, REDIS_PATIENCE));
  const [publishing, ...reading] = connections;
  if (publishing) {
    const destination = new RedisStream(publishing, stream);
    tasks.push(new Relay({ database, destination, wake, logger }).run(stop));
  }
  for (const [index, redis] of reading.entries()) {
    const consumer = consumers[index]!;
    const member = new StreamConsumer({ redis, database, consumer, logger, stream, batchSize: HANDLED_AT_ONCE });
    tasks.push(member.run(stop));
  }
  try {
    await Promise.all(tasks);
  } finally {
    for (const redis of connections) redis.disconnect();
  }
}

function purges(): PeriodicJob[] {
  const before = (age: number): string => momentAt(Date.now() - age);
  return [
    {
      name: "purge_idempotency_keys",
      every: HOUR,
      run: (connection) => purgeIdempotencyKeys(connection, before(KEEP_SUBMITTED)),
    },
    {
      name: "purge_published_events",
      every: MINUTE,
      run: (connection) => purgePublished(connection, before(KEEP_PUBLISHED)),
    },
    {
      name: "purge_processed_events",
      every: HOUR,
      run: (connection) => purgeProcessed(connection, before(KEEP_PROCESSED)),
    },
  ];
}
