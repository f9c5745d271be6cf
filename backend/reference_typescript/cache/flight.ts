/** Single flight: of those who want the same thing at the same time, one fetches it. */

/** Runs one call per key at a time and gives its outcome to all who asked meanwhile. */
export class SingleFlight<Value> {
  readonly #running = new Map<string, Promise<Value>>();

  /** The outcome of `call`, whoever ran it; what it throws is thrown for all. */
  run(key: string, call: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const flight = call().finally(() => this.#running.delete(key));
    this.#running.set(key, flight);
    return flight;
  }
}
