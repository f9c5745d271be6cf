/** What to say of a failure, and how long to wait after it. */

import { UnavailableError } from "../errors.ts";
import { chain } from "../outages.ts";

/** Milliseconds. */
export interface Pauses {
  readonly base?: number;
  readonly cap?: number;
}

/**
 * Milliseconds before the next try after `attempt` failures in a row: doubled each time, up to half of it by chance.
 *
 * The chance keeps processes that failed together from coming back together.
 */
export function backoff(attempt: number, { base = 100, cap = 30_000 }: Pauses = {}): number {
  const longest = Math.min(cap, base * 2 ** Math.min(attempt, 32));
  return longest / 2 + (Math.random() * longest) / 2;
}

/** What went wrong at bottom, in one line of at most 1000 characters. */
export function reasonOf(error: unknown): string {
  const bottom = [...chain(error)].at(-1);
  const text = bottom ? `${bottom.name}: ${bottom.message}` : String(error);
  return text.replaceAll("\n", " ").slice(0, 1000);
}

/** A database or a Redis that is gone: where in the code that was noticed says nothing. */
export function isOutage(error: unknown): boolean {
  return error instanceof UnavailableError || [...chain(error)].some((each) => REDIS_FAILURES.test(each.message));
}

/** What ioredis says of a server that is gone or slow; its errors have no class of their own. */
const REDIS_FAILURES = /ECONN|EPIPE|ENOENT|Connection is closed|max retries|timed out|timeout|no answer in time/i;
