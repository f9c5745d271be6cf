/** Renewals in the background: the loader that replaces a stale entry while the stale one is being served. */

import type { Logger } from "../logs.ts";

/** At most one renewal a key at a time; a failed one is logged and left to the next reader. */
export class Renewals {
  readonly #logger: Logger;
  readonly #running = new Map<string, Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Begins a renewal unless one runs already. */
  start(key: string, renew: () => Promise<unknown>): void {
    if (!this.#running.has(key)) this.#running.set(key, this.#run(key, renew));
  }

  /** Waits for those that still run. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(key: string, renew: () => Promise<unknown>): Promise<void> {
    try {
      await renew();
    } catch (error) {
      this.#logger.warning("a cached answer could not be renewed", { error });
    } finally {
      this.#running.delete(key);
    }
  }
}
