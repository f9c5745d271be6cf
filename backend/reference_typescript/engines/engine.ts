/** What an engine does for the database layer. */

import type { Connection } from "../database.ts";

/** A kind of database with its connections. */
export interface Engine {
  readonly name: "postgres" | "sqlite";
  /** Runs each statement by itself, on whichever connection is free. */
  readonly reader: Connection;
  /** Runs `work`, which writes with a single statement. */
  alone<Result>(work: (connection: Connection) => PromiseLike<Result>): Promise<Result>;
  /** Runs `work` in a transaction that is committed when it is done, and rolled back when it throws. */
  transaction<Result>(work: (connection: Connection) => PromiseLike<Result>): Promise<Result>;
  /** Runs a script of several statements, as in a migration, within the transaction of `connection`. */
  script(connection: Connection, text: string): Promise<void>;
  close(): Promise<void>;
}
