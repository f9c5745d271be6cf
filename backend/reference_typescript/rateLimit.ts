/**
 * Rate limits: a sliding window a key, counted in this process.
 *
 * Headers are those of draft-ietf-httpapi-ratelimit-headers-10.
 */

/** `quota` requests in any `window` seconds. The name is shown to clients: letters, digits, `-` and `_`. */
export interface Limit {
  readonly name: string;
  readonly quota: number;
  readonly window: number;
}

/** What a limiter says to one request. */
export interface Verdict {
  readonly allowed: boolean;
  readonly limit: Limit;
  readonly remaining: number;
  /** Allowed: seconds until the current window ends. Refused: until one more request is allowed. */
  readonly resetSeconds: number;
}

/** Counts requests and judges them. */
export interface RateLimiter {
  /** Counts one request of `key` (an address or a user) unless it is over the limit. */
  hit(key: string, limit: Limit): Promise<Verdict>;
}

/** Requests of a key in the window with this number, and in the one before it. */
interface Count {
  readonly window: number;
  readonly current: number;
  readonly previous: number;
}

/** What a limiter knows at the moment of a request; `elapsed` seconds of the current window are over. */
export interface Usage {
  readonly current: number;
  readonly previous: number;
  readonly elapsed: number;
}

/** @throws RangeError it is not a limit */
export function limitOf(name: string, quota: number, window: number): Limit {
  if (!(quota >= 1) || !(window >= 1) || !/^[A-Za-z0-9_-]*[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new RangeError(`not a limit: ${name} ${quota} ${window}`);
  }
  return { name, quota, window };
}

/** How many requests are kept apart, and the time in milliseconds since 1970. */
export interface LimiterOptions {
  readonly maxKeys?: number;
  readonly clock?: () => number;
}

/**
 * Sliding window counters: the previous window counts for the part of it that the last `window` seconds reach.
 *
 * Bounded: of more than `maxKeys` the one idle for longest is forgotten, so nobody who keeps asking is. Counts are per
 * process: with several, each allows the whole quota.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #maxKeys: number;
  readonly #clock: () => number;
  readonly #counts = new Map<string, Count>();

  constructor({ maxKeys = 100_000, clock = Date.now }: LimiterOptions = {}) {
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  async hit(key: string, limit: Limit): Promise<Verdict> {
    return this.judge(key, limit);
  }

  /** The same for callers that cannot wait; it never does. */
  judge(key: string, limit: Limit): Verdict {
    const seconds = this.#clock() / 1000;
    const window = Math.floor(seconds / limit.window);
    const elapsed = seconds - window * limit.window;
    const place = `${limit.name} ${key}`;
    const usage = { ...asOf(this.#counts.get(place), window), elapsed };
    const allowed = fits(limit, usage);
    this.#counts.delete(place); // and set again, behind all others
    this.#counts.set(place, { window, current: usage.current + (allowed ? 1 : 0), previous: usage.previous });
    if (this.#counts.size > this.#maxKeys) this.#counts.delete(this.#counts.keys().next().value ?? "");
    return verdictOf(limit, usage, allowed);
  }
}

function asOf(counted: Count | undefined, window: number): { current: number; previous: number } {
  if (counted === undefined || counted.window < window - 1) return { current: 0, previous: 0 };
  if (counted.window === window - 1) return { current: 0, previous: counted.current };
  return { current: counted.current, previous: counted.previous };
}

/** Whether one more request is within the limit. */
export function fits(limit: Limit, { current, previous, elapsed }: Usage): boolean {
  return current + previous * (1 - elapsed / limit.window) + 1 <= limit.quota;
}

/** What is said to a request that came upon this usage. */
export function verdictOf(limit: Limit, usage: Usage, allowed: boolean): Verdict {
  const { current, previous, elapsed } = usage;
  if (!allowed) return { allowed, limit, remaining: 0, resetSeconds: Math.ceil(waitForOne(limit, usage)) };
  const used = current + previous * (1 - elapsed / limit.window) + 1;
  const remaining = Math.max(0, Math.floor(limit.quota - used));
  return { allowed, limit, remaining, resetSeconds: Math.ceil(limit.window - elapsed) };
}

/**
 * Seconds until one more request fits, if none comes meanwhile.
 *
 * The previous window's weight falls evenly to nothing by the end of the current one. Is that not enough, the current
 * one becomes the previous and its weight falls likewise.
 */
function waitForOne(limit: Limit, { current, previous, elapsed }: Usage): number {
  const room = limit.quota - 1;
  if (current <= room) return previous ? limit.window * (1 - (room - current) / previous) - elapsed : 0;
  return limit.window * (1 - room / current) + limit.window - elapsed;
}

/** What every answer tells about the limit (sections 3 and 4 of the draft). */
export function rateLimitHeaders({ limit, remaining, resetSeconds }: Verdict): [name: string, value: string][] {
  return [
    ["RateLimit-Policy", `"${limit.name}";q=${limit.quota};w=${limit.window}`],
    ["RateLimit", `"${limit.name}";r=${remaining};t=${resetSeconds}`],
  ];
}
