/** The request's own memory: what one request needs twice is fetched once. */

/** Remembers values for as long as the request lives. It is never shared between callers, so it needs no expiry. */
export class RequestMemo {
  readonly #values = new Map<string, Promise<unknown>>();

  /** The value under `key`, loaded on first use; a loader that fails leaves nothing behind. */
  get<Value>(key: string, load: () => Promise<Value>): Promise<Value> {
    const known = this.#values.get(key);
    if (known !== undefined) return known as Promise<Value>;
    const value = load();
    this.#values.set(key, value);
    value.catch(() => {
      if (this.#values.get(key) === value) this.#values.delete(key);
    });
    return value;
  }

  /** Loads the value anew when it is wanted again: the request has changed it. */
  forget(key: string): void {
    this.#values.delete(key);
  }
}
