/** One after the other, in the order of asking. */

import { OutageError } from "../outages.ts";

/** A queue for something that only one can use at a time. */
export class Turns {
  #taken = false;
  readonly #waiting = new Set<() => void>();

  /**
   * Does `work` when it is its turn.
   *
   * @throws OutageError its turn did not come within `milliseconds`
   */
  async take<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#taken) await this.#wait(milliseconds);
    this.#taken = true;
    try {
      return await work();
    } finally {
      this.#taken = false;
      const [next] = this.#waiting;
      if (next) {
        this.#taken = true; // so that nobody who asks now comes before
        next();
      }
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const called = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(called);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(called);
        reject(new OutageError("too many are waiting"));
      }, milliseconds);
      this.#waiting.add(called);
    });
  }
}
