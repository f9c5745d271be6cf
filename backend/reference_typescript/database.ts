/** The database: one handle over both engines, reads by themselves, writes in transactions that are tried again. */

import { setTimeout as sleep } from "node:timers/promises";

import type { Engine } from "./engines/engine.ts";
import { engineOf } from "./engines/engineOf.ts";
import type { Work } from "./engines/handle.ts";
import { AGAIN, sqlstate, unavailable } from "./outages.ts";
import type { Settings } from "./settings.ts";

export type { Connection, EngineName } from "./engines/handle.ts";

/** Of one transaction that others get in the way of. */
const ATTEMPTS = 4;

/** How many statements a write runs; one alone commits by itself. */
export interface WriteOptions {
  readonly statements?: number;
}

/** A pool of connections. Make one per process and close it at the end. */
export class Database {
  readonly #engine: Engine;
  readonly #listeners: ((marks: ReadonlySet<string>) => void)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The pool that `settings` describe; connections are made when they are first needed. */
  static of(settings: Settings): Database {
    return new Database(engineOf(settings));
  }

  /** The kind of database. */
  get engine(): Engine["name"] {
    return this.#engine.name;
  }

  /** Calls `listener` after each commit with the marks that the transaction left on its connection. */
  onCommit(listener: (marks: ReadonlySet<string>) => void): void {
    this.#listeners.push(listener);
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
  async read<Result>(work: Work<Result>): Promise<Result> {
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
  async write<Result>(work: Work<Result>, { statements = 2 }: WriteOptions = {}): Promise<Result> {
    let marks: ReadonlySet<string> = new Set();
    const marked: Work<Result> = (connection) => {
      marks = connection.marks;
      return work(connection);
    };
    const result = await unavailable(() => this.#attempt(marked, statements === 1));
    for (const listener of this.#listeners) listener(marks);
    return result;
  }

  async #attempt<Result>(work: Work<Result>, alone: boolean): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (alone ? this.#engine.alone(work) : this.#engine.transaction(work));
      } catch (error) {
        if (attempt === ATTEMPTS || !AGAIN.has(sqlstate(error))) throw error;
        await sleep(Math.random() * 20 * 2 ** attempt);
      }
    }
  }
}
