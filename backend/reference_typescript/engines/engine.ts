/** What an engine does for the database layer. */

import type { Connection, EngineName, Work } from "./handle.ts";

/** A kind of database with its connections. */
export interface Engine {
  readonly name: EngineName;
  /** Runs each statement by itself, on whichever connection is free. */
  readonly reader: Connection;
  /** Runs `work`, which writes with a single statement. */
  alone<Result>(work: Work<Result>): Promise<Result>;
  /** Runs `work` in a transaction that is committed when it is done, and rolled back when it throws. */
  transaction<Result>(work: Work<Result>): Promise<Result>;
  /** Closes every connection; those at work are waited for. */
  close(): Promise<void>;
}
