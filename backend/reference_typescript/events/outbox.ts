/** The transactional outbox: an event is a row, committed with the change it tells of or not at all. */

import { and, asc, eq, gt, gte, inArray, isNull, lt, lte, notExists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";

import type { Connection } from "../database.ts";
import type { Event } from "./event.ts";
import { outboxEvents, processedEvents } from "./tables.ts";

/** Key of the advisory lock that relays take one after the other to claim events. */
const CLAIM_LOCK = 7_016_992_081;
/** The mark of a transaction that emitted. */
export const EMITTED = "outbox_emitted";

/** An event that one relay holds until its lease ends. */
export interface Claimed {
  readonly sequence: number;
  /** How often it has been claimed, this time included. */
  readonly attempts: number;
  readonly event: Event;
}

/** What became of claimed events, by sequence. Those in neither go back as they were. */
export interface Outcome {
  readonly published: readonly number[];
  /** With the error. */
  readonly failed: ReadonlyMap<number, string>;
}

/**
 * Writes events into the caller's transaction.
 *
 * Emit after the change itself: the lock on the changed row is what gives events of one row their order.
 */
export async function emit(connection: Connection, ...events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  await connection.insert(outboxEvents).values(
    events.map((event) => ({
      id: event.id,
      type: event.type,
      aggregate_id: event.aggregateId,
      tenant_id: event.tenantId,
      payload: event.payload,
      occurred_at: event.occurredAt,
      attempts: 0,
      next_attempt_at: event.occurredAt,
    })),
  );
  connection.marks.add(EMITTED);
}

/**
 * Takes the oldest events that wait, in order, until `leasedUntil`.
 *
 * An event behind one of the same row that is held, or is to be tried again later, stays where it is. Relays claim one
 * at a time, for a few milliseconds, because that rule cannot be kept between two that do not see each other; they
 * publish side by side.
 */
export async function claim(
  connection: Connection,
  { limit, now, leasedUntil }: { limit: number; now: string; leasedUntil: string },
): Promise<Claimed[]> {
  if (connection.engine === "postgres") await connection.execute(sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`);
  const earlier = alias(outboxEvents, "earlier");
  const heldBack = connection
    .select({ one: sql`1` })
    .from(earlier)
    .where(
      and(
        eq(earlier.aggregate_id, outboxEvents.aggregate_id),
        lt(earlier.sequence, outboxEvents.sequence),
        isNull(earlier.published_at),
        isNull(earlier.failed_at),
        gt(earlier.next_attempt_at, now),
      ),
    );
  const due = connection
    .select({ sequence: outboxEvents.sequence })
    .from(outboxEvents)
    .where(
      and(
        isNull(outboxEvents.published_at),
        isNull(outboxEvents.failed_at),
        lte(outboxEvents.next_attempt_at, now),
        notExists(heldBack),
      ),
    )
    .orderBy(asc(outboxEvents.sequence))
    .limit(limit);
  const rows = await connection
    .update(outboxEvents)
    .set({ attempts: sql`${outboxEvents.attempts} + 1`, next_attempt_at: leasedUntil })
    .where(inArray(outboxEvents.sequence, due))
    .returning();
  return rows.map(claimedOf).sort((one, other) => one.sequence - other.sequence);
}

/** Writes down what became of a batch. A failed event without a time in `retryAt` is given up. */
export async function settle(
  connection: Connection,
  batch: readonly Claimed[],
  outcome: Outcome,
  { now, retryAt }: { now: string; retryAt: ReadonlyMap<number, string> },
): Promise<void> {
  const { sequence } = outboxEvents;
  if (outcome.published.length > 0) {
    const change = { published_at: now, error: null };
    await connection
      .update(outboxEvents)
      .set(change)
      .where(inArray(sequence, [...outcome.published]));
  }
  for (const [failed, error] of outcome.failed) {
    const again = retryAt.get(failed);
    const change = again === undefined ? { error, failed_at: now } : { error, next_attempt_at: again };
    await connection.update(outboxEvents).set(change).where(eq(sequence, failed));
  }
  const settled = new Set([...outcome.published, ...outcome.failed.keys()]);
  const untouched = batch.map((claimed) => claimed.sequence).filter((each) => !settled.has(each));
  if (untouched.length > 0) {
    const change = { attempts: sql`${outboxEvents.attempts} - 1`, next_attempt_at: now };
    await connection.update(outboxEvents).set(change).where(inArray(sequence, untouched));
  }
}

/**
 * Publishes again what was published since then: for a Redis that lost data. Consumers skip what they know.
 *
 * @returns how many events
 */
export async function republish(connection: Connection, since: string): Promise<number> {
  const again = await connection
    .update(outboxEvents)
    .set({ published_at: null, next_attempt_at: sql`${outboxEvents.occurred_at}` })
    .where(gte(outboxEvents.published_at, since))
    .returning({ sequence: outboxEvents.sequence });
  return again.length;
}

/** Deletes the oldest events published before then, at most `limit`. Events given up stay. */
export async function purgePublished(connection: Connection, before: string, limit = 10_000): Promise<void> {
  const old = connection
    .select({ sequence: outboxEvents.sequence })
    .from(outboxEvents)
    .where(lt(outboxEvents.published_at, before))
    .orderBy(asc(outboxEvents.published_at))
    .limit(limit);
  await connection.delete(outboxEvents).where(inArray(outboxEvents.sequence, old));
}

/** Forgets what was handled before then. An event that comes again after that is handled again. */
export async function purgeProcessed(connection: Connection, before: string): Promise<void> {
  await connection.delete(processedEvents).where(lt(processedEvents.processed_at, before));
}

function claimedOf(row: typeof outboxEvents.$inferSelect): Claimed {
  const event = {
    id: row.id,
    type: row.type,
    aggregateId: row.aggregate_id,
    tenantId: row.tenant_id,
    occurredAt: row.occurred_at,
    payload: row.payload,
  };
  return { sequence: row.sequence, attempts: row.attempts, event };
}
