/** Consumers: each event takes effect once, however often it is delivered. */

import { sql } from "drizzle-orm";

import type { Connection, Database } from "../database.ts";
import { UnavailableError } from "../errors.ts";
import { now } from "../moments.ts";
import { isDatabaseError } from "../outages.ts";
import { reasonOf } from "./backoff.ts";
import type { Event } from "./event.ts";
import type { Claimed, Outcome } from "./outbox.ts";
import type { Destination } from "./relay.ts";
import { processedEvents } from "./tables.ts";

/** Milliseconds; with one more handler that takes as long as it may, still less than the lease of a relay. */
const BATCH = 15_000;

/**
 * Does its work on the connection it is given: that is what happens once. It may be run again after a rollback. Once
 * `late` is aborted its time is over, and nothing that it does counts any more.
 */
export type Handler = (connection: Connection, event: Event, late: AbortSignal) => Promise<void>;

/** Something that reacts to events. */
export interface Consumer {
  /** Stored with every event it handled: do not change it. */
  readonly name: string;
  /** By event type. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Milliseconds a handler may take; less than the lease of a relay, and than the wait of a stream consumer. */
  readonly timeout?: number;
}

/** A handler failed with the error that is this one's cause, or took too long. */
export class HandlerError extends Error {
  constructor(cause: unknown) {
    super("a handler failed", { cause });
    this.name = "HandlerError";
  }
}

/**
 * Lets a consumer handle an event, unless it has done so before.
 *
 * @returns whether the handler ran
 * @throws HandlerError the handler failed
 * @throws UnavailableError the database does not answer; says nothing about the event
 */
export async function deliver(database: Database, consumer: Consumer, event: Event): Promise<boolean> {
  const handler = consumer.handlers[event.type];
  if (handler === undefined) return false;
  try {
    return await database.write(async (connection) => {
      if (!(await isFirstTime(connection, consumer.name, event.id))) return false;
      await handleInTime(connection, handler, event, consumer.timeout ?? 10_000);
      return true;
    });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    await database.write((connection) => connection.execute(sql`select 1`));
    throw new HandlerError(error); // the database is there: the handler asked for something it could not do
  }
}

/** A destination without a broker: the consumers of this process, one event after the other. */
export class InProcess implements Destination {
  readonly #database: Database;
  readonly #consumers: readonly Consumer[];

  constructor(database: Database, consumers: readonly Consumer[]) {
    this.#database = database;
    this.#consumers = consumers;
  }

  /**
   * Lets every consumer handle the events. Those behind a failed one of the same row are left for later; so is the
   * rest of the batch when its time is over, or the database is gone.
   */
  async publish(batch: readonly Claimed[]): Promise<Outcome> {
    const deadline = performance.now() + BATCH;
    const published: number[] = [];
    const failed = new Map<number, string>();
    const stuck = new Set<string>();
    for (const { sequence, event } of batch) {
      if (performance.now() > deadline) break;
      if (stuck.has(event.aggregateId)) continue;
      try {
        for (const consumer of this.#consumers) await deliver(this.#database, consumer, event);
        published.push(sequence);
      } catch (error) {
        if (error instanceof UnavailableError) break;
        failed.set(sequence, reasonOf(error));
        stuck.add(event.aggregateId);
      }
    }
    return { published, failed };
  }
}

async function handleInTime(connection: Connection, handler: Handler, event: Event, timeout: number): Promise<void> {
  const late = AbortSignal.timeout(timeout);
  const tooLong = new Promise<never>((_resolve, reject) => {
    late.addEventListener("abort", () => reject(late.reason as Error), { once: true });
  });
  try {
    await Promise.race([handler(connection, event, late), tooLong]);
  } catch (error) {
    if (isDatabaseError(error)) throw error; // the database layer knows which of these mean "again"
    throw new HandlerError(error);
  }
}

/** Marks the event as handled. A second transaction waits here for the first, and then knows. */
async function isFirstTime(connection: Connection, consumer: string, eventId: string): Promise<boolean> {
  const marked = await connection
    .insert(processedEvents)
    .values({ consumer, event_id: eventId, processed_at: now() })
    .onConflictDoNothing()
    .returning({ event_id: processedEvents.event_id });
  return marked.length === 1;
}
