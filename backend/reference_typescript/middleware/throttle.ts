/** Rate limits that hold for every request, by user and by address; what is left is told on every answer. */

import { createMiddleware } from "hono/factory";

import type { Caller } from "../auth/caller.ts";
import type { AppEnvironment } from "../context.ts";
import { tell } from "../limits.ts";
import type { Limit, RateLimiter, Verdict } from "../rateLimit.ts";

const UNLIMITED: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
/** So many signed-in users may share an address, as in an office, before they get in each other's way. */
const USERS_AT_AN_ADDRESS = 10;

/**
 * Counts a request under the caller, or under the address where nobody is signed in.
 *
 * Users are counted under their address as well, in a wider limit: one machine with many accounts is still one.
 */
export function throttle(limiter: RateLimiter, limit: Limit) {
  const shared = { name: "address", quota: limit.quota * USERS_AT_AN_ADDRESS, window: limit.window };
  const judge = async (caller: Caller | null, address: string): Promise<Verdict> => {
    if (caller === null) return limiter.hit(`address:${address}`, limit);
    const byAddress = await limiter.hit(`address:${address}`, shared);
    return byAddress.allowed ? limiter.hit(`user:${caller.id}`, limit) : byAddress;
  };
  return createMiddleware<AppEnvironment>(async (context, next) => {
    if (!UNLIMITED.has(context.req.path)) tell(context, await judge(context.var.caller, context.var.address));
    await next();
  });
}
