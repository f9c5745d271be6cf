/** The database: one Drizzle handle over both engines, reads by themselves, writes in transactions that are tried again. */

import { setTimeout as sleep } from "node:timers/promises";

import type { PgRemoteDatabase } from "drizzle-orm/pg-proxy";

import type { Engine } from "./engines/engine.ts";
import { engineOf } from "./engines/engineOf.ts";
import { AGAIN, sqlstate, unavailable } from "./outages.ts";
import type { Settings } from "./settings.ts";

/** Where statements go: by themselves, or into the transaction it was handed out for. */
export type Connection = PgRemoteDatabase;

/** Of one transaction that others get in the way of. */
const ATTEMPTS = 4;

/** How many statements a write runs; one alone commits by itself. */
export interface WriteOptions {
  readonly statements?: number;
}

/** A pool of connections. Make one per process and close it at the end. */
export class Database {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The pool that `settings` describe; connections are made when they are first needed. */
  static of(settings: Settings): Database {
    return new Database(engineOf(settings));
  }

  /** Whether several processes can wait for one another's rows, by `FOR UPDATE SKIP LOCKED` and the like. */
  get engine(): Engine {
    return this.#engine;
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await this.#engine.close();
  }

  /**
   * What `work` reads; each of its statements runs by itself.
   *
   * @throws UnavailableError no connection could be had, or the database does not answer in time
   */
  async read<Result>(work: (connection: Connection) => PromiseLike<Result>): Promise<Result> {
    return unavailable(async () => await work(this.#engine.reader));
  }

  /**
   * Runs `work` in a transaction and commits; again from the start where the database asks for that.
   *
   * `work` must do nothing that cannot be undone by a rollback. Where it is known to run one statement
   * (`{statements: 1}`) that commits by itself: BEGIN and COMMIT are round trips of their own.
   *
   * @throws UnavailableError no connection could be had, the database does not answer in time, or it asked for another
   *   attempt too often
   */
  async write<Result>(work: (connection: Connection) => PromiseLike<Result>, options: WriteOptions = {}): Promise<Result> {
    const run = options.statements === 1 ? this.#engine.alone : this.#engine.transaction;
    return unavailable(async () => {
      for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
        try {
          return await run.call(this.#engine, work);
        } catch (error) {
          if (!AGAIN.has(sqlstate(error))) throw error;
          await sleep(Math.random() * 20 * 2 ** attempt);
        }
      }
      return await run.call(this.#engine, work);
    });
  }
}
