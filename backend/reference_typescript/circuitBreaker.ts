/** A circuit breaker: when a helper service is down, one caller in a while finds out, not every request. */

/** When a breaker opens, and how often it lets a trial through. */
export interface BreakerOptions {
  readonly failures?: number;
  /** Milliseconds between two trials. */
  readonly rest?: number;
  /** Milliseconds. */
  readonly clock?: () => number;
}

/** Opens after so many failures in a row and lets one trial through every so often from then on. */
export class CircuitBreaker {
  readonly #failures: number;
  readonly #rest: number;
  readonly #clock: () => number;
  #failed = 0;
  #nextTrial = 0;

  constructor({ failures = 3, rest = 5000, clock = () => performance.now() }: BreakerOptions = {}) {
    this.#failures = failures;
    this.#rest = rest;
    this.#clock = clock;
  }

  /** Whether the service counts as down. */
  get open(): boolean {
    return this.#failed >= this.#failures;
  }

  /** Whether to ask the service now. While it counts as down, a yes is given to one caller per rest. */
  allows(): boolean {
    if (!this.open) return true;
    const now = this.#clock();
    if (now < this.#nextTrial) return false;
    this.#nextTrial = now + this.#rest;
    return true;
  }

  /** The service answered. */
  succeeded(): void {
    this.#failed = 0;
  }

  /** The service did not answer. */
  failed(): void {
    this.#failed += 1;
    if (this.#failed === this.#failures) this.#nextTrial = this.#clock() + this.#rest;
  }
}
