/** The relay: takes events out of the outbox and hands them to a destination, at least once and in order. */

import type { Database } from "../database.ts";
import type { Logger } from "../logs.ts";
import { momentAt } from "../moments.ts";
import { backoff, reasonOf, isOutage } from "./backoff.ts";
import { claim, settle, type Claimed, type Outcome } from "./outbox.ts";
import { pause, type Wake } from "./wakeup.ts";

const NOTHING: Outcome = { published: [], failed: new Map() };

/** Where events go. */
export interface Destination {
  /**
   * Takes a batch, and stops at `deadline`, as another relay may take it then. An error means that nobody knows how
   * much of it was taken: all of it is sent again.
   */
  publish(batch: readonly Claimed[], deadline: AbortSignal): Promise<Outcome>;
}

/** Times are in milliseconds. */
export interface RelayOptions {
  readonly database: Database;
  readonly destination: Destination;
  /** Set when there may be something to do. */
  readonly wake: Wake;
  readonly logger: Logger;
  readonly batchSize?: number;
  /** For so long events are held; a relay that is killed leaves them to others after that. */
  readonly lease?: number;
  /** Between looks when nobody sets `wake`, as for events of other processes. */
  readonly pollInterval?: number;
  /** How often an event that the destination refuses is tried before it is given up. */
  readonly maxAttempts?: number;
  readonly clock?: () => number;
}

/**
 * Moves events from the outbox to a destination. Any number may run beside each other on PostgreSQL.
 *
 * On SQLite run one: two would not lose anything, and publish the same events twice.
 */
export class Relay {
  readonly #options: Required<RelayOptions>;

  constructor(options: RelayOptions) {
    const standard = { batchSize: 500, lease: 30_000, pollInterval: 500, maxAttempts: 10, clock: Date.now };
    this.#options = { ...standard, ...options };
  }

  /** Publishes until `stop` is aborted; the batch under way is finished. What fails is logged and tried again. */
  async run(stop: AbortSignal): Promise<void> {
    const { wake, logger, batchSize, pollInterval } = this.#options;
    for (let failures = 0; !stop.aborted;) {
      wake.clear();
      try {
        const moved = await this.publishBatch();
        failures = 0;
        if (moved < batchSize) await wake.wait(pollInterval, stop);
      } catch (error) {
        failures += 1;
        const delay = backoff(failures);
        const known = isOutage(error) ? {} : { error };
        logger.warning("Publishing events failed", {
          reason: reasonOf(error),
          next_try_in: Math.round(delay),
          ...known,
        });
        await pause(delay, stop);
      }
    }
  }

  /**
   * Publishes what waits, at most one batch.
   *
   * @returns how many events the destination took
   */
  async publishBatch(): Promise<number> {
    const { database, destination, batchSize, lease, clock } = this.#options;
    const started = clock();
    const terms = { limit: batchSize, now: momentAt(started), leasedUntil: momentAt(started + lease) };
    const batch = await database.write((connection) => claim(connection, terms));
    if (batch.length === 0) return 0;
    let outcome = NOTHING;
    try {
      outcome = await destination.publish(batch, AbortSignal.timeout(lease));
    } finally {
      await this.#settle(batch, outcome);
    }
    return outcome.published.length;
  }

  async #settle(batch: readonly Claimed[], outcome: Outcome): Promise<void> {
    const { database, logger, maxAttempts, clock } = this.#options;
    const now = clock();
    const retryAt = new Map<number, string>();
    for (const { sequence, attempts } of batch) {
      const error = outcome.failed.get(sequence);
      if (error === undefined) continue;
      if (attempts < maxAttempts) retryAt.set(sequence, momentAt(now + backoff(attempts, { base: 500, cap: 600_000 })));
      else logger.error("An event is given up", { sequence, reason: error });
    }
    await database.write((connection) => settle(connection, batch, outcome, { now: momentAt(now), retryAt }));
  }
}
