/** Limits of single operations, and what every answer tells of limits. */

import type { AppContext } from "./context.ts";
import { RateLimitedError } from "./errors.ts";
import { rateLimitHeaders, type Limit, type Verdict } from "./rateLimit.ts";

/**
 * Counts a request under a limit, by user or else by address.
 *
 * @throws RateLimitedError there were too many
 */
export async function take(context: AppContext, limit: Limit): Promise<void> {
  const { services, caller, address } = context.var;
  if (!services.settings.rateLimitEnabled) return;
  const verdict = await services.limiter.hit(caller ? `user:${caller.id}` : `address:${address}`, limit);
  tell(context, verdict);
}

/**
 * Puts what is left of a limit on the answer; where a route has a limit of its own, both are told.
 *
 * @throws RateLimitedError nothing is left
 */
export function tell(context: AppContext, verdict: Verdict): void {
  context.var.told.push(...rateLimitHeaders(verdict));
  if (!verdict.allowed) throw new RateLimitedError(Math.max(1, verdict.resetSeconds));
}
