/** Periodic jobs that run once, however many workers there are. */

import { and, eq, lte } from "drizzle-orm";
import { pgTable, varchar } from "drizzle-orm/pg-core";

import { moment } from "./columns.ts";
import type { Connection, Database } from "./database.ts";
import { pause } from "./events/wakeup.ts";
import type { Logger } from "./logs.ts";
import { momentAt } from "./moments.ts";

/** When each job is due. */
export const periodicJobs = pgTable("periodic_jobs", {
  name: varchar({ length: 100 }).primaryKey(),
  due_at: moment().notNull(),
});

/** Work to be done again and again, in one transaction each time: keep it short, the rest is for the next time. */
export interface PeriodicJob {
  readonly name: string;
  /** Milliseconds. */
  readonly every: number;
  readonly run: (connection: Connection) => Promise<void>;
}

/**
 * Runs a job if its time has come and no other worker is at it.
 *
 * The row of the job is locked while it runs, and its next time is committed with its work: a worker that dies in the
 * middle leaves the job due.
 *
 * @returns whether it ran
 */
export async function runIfDue(database: Database, job: PeriodicJob, now: number): Promise<boolean> {
  return database.write(async (connection) => {
    const { name, due_at } = periodicJobs;
    await connection
      .insert(periodicJobs)
      .values({ name: job.name, due_at: momentAt(now) })
      .onConflictDoNothing();
    const due = await connection
      .select()
      .from(periodicJobs)
      .where(and(eq(name, job.name), lte(due_at, momentAt(now))))
      .for("update", { skipLocked: true });
    if (due.length === 0) return false;
    await job.run(connection);
    await connection
      .update(periodicJobs)
      .set({ due_at: momentAt(now + job.every) })
      .where(eq(name, job.name));
    return true;
  });
}

/** Milliseconds between two looks, and the time. */
export interface JobOptions {
  readonly tick?: number;
  readonly clock?: () => number;
}

/** Runs jobs when they are due until `stop` is aborted. A failure is logged. */
export async function runJobs(
  database: Database,
  jobs: readonly PeriodicJob[],
  logger: Logger,
  stop: AbortSignal,
  { tick = 5000, clock = Date.now }: JobOptions = {},
): Promise<void> {
  while (!stop.aborted) {
    for (const job of jobs) {
      try {
        await runIfDue(database, job, clock());
      } catch (error) {
        logger.error("A job failed", { job: job.name, error });
      }
    }
    await pause(tick, stop);
  }
}
