/** Rate limits counted in Redis, for all processes together. */

import { fits, MemoryRateLimiter, verdictOf, type Limit, type RateLimiter, type Verdict } from "./rateLimit.ts";
import { askRedis, type RedisAccess } from "./redisClient.ts";

/**
 * Counts unless the limit is reached, in one piece, by the clock of Redis; what was counted before, and how many
 * microseconds of the window were over. The keys of both windows lie on one node of a cluster.
 */
const HIT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local quota, window = tonumber(ARGV[1]), ARGV[2] * 1000000
local number, elapsed = math.floor(now / window), now % window
local current = tonumber(redis.call('GET', KEYS[1] .. ':' .. number) or '0')
local previous = tonumber(redis.call('GET', KEYS[1] .. ':' .. (number - 1)) or '0')
if current + previous * (1 - elapsed / window) + 1 <= quota then
  redis.call('INCR', KEYS[1] .. ':' .. number)
  redis.call('PEXPIRE', KEYS[1] .. ':' .. number, math.ceil(2 * window / 1000))
end
return {current, previous, elapsed}
`;

/**
 * Sliding window counters in Redis, judged by a script that runs there in one piece.
 *
 * While Redis is away the process counts for itself: nobody is locked out for that reason, and nobody is let in
 * without bounds.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #access: RedisAccess;
  readonly #prefix: string;
  readonly #fallback: MemoryRateLimiter;

  constructor(access: RedisAccess, prefix = "rate", fallback = new MemoryRateLimiter()) {
    this.#access = access;
    this.#prefix = prefix;
    this.#fallback = fallback;
  }

  async hit(key: string, limit: Limit): Promise<Verdict> {
    const name = `${this.#prefix}:{${limit.name}:${limit.window}:${key}}`;
    const counted = await askRedis(this.#access, (redis) => redis.eval(HIT, 1, name, limit.quota, limit.window));
    if (!Array.isArray(counted)) return this.#fallback.judge(key, limit);
    const [current = 0, previous = 0, microseconds = 0] = counted.map(Number);
    const usage = { current, previous, elapsed: microseconds / 1_000_000 };
    return verdictOf(limit, usage, fits(limit, usage));
  }
}
