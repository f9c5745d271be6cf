/** What routes need besides the request; made once per process and handed to them. */

import type { Redis } from "ioredis";

import { TokenVerifier } from "./auth/tokens.ts";
import type { Cache } from "./cache/base.ts";
import { MemoryCache } from "./cache/memory.ts";
import { RedisCache } from "./cache/redisCache.ts";
import { CircuitBreaker } from "./circuitBreaker.ts";
import { Database } from "./database.ts";
import { loggers, type Loggers } from "./logs.ts";
import { MemoryRateLimiter, type RateLimiter } from "./rateLimit.ts";
import { RedisRateLimiter } from "./rateLimitRedis.ts";
import { connectRedis } from "./redisClient.ts";
import type { Settings } from "./settings.ts";

/** The process's connections and what is built on them. */
export interface Services {
  readonly settings: Settings;
  readonly loggers: Loggers;
  readonly database: Database;
  readonly cache: Cache;
  readonly limiter: RateLimiter;
  readonly tokens: TokenVerifier;
  readonly redis: Redis | null;
}

/** The services as `settings` say; nothing is connected yet. */
export function servicesOf(settings: Settings, logs: Loggers = loggers(settings.logLevel)): Services {
  const redis = settings.redisUrl ? connectRedis(settings.redisUrl) : null;
  const access = (name: string) => redis && { redis, breaker: new CircuitBreaker(), logger: logs(name) };
  const [forCache, forLimits] = [access("app.cache"), access("app.limits")];
  return {
    settings,
    loggers: logs,
    database: Database.of(settings),
    cache: forCache ? new RedisCache(forCache) : new MemoryCache(logs("app.cache")),
    limiter: forLimits ? new RedisRateLimiter(forLimits) : new MemoryRateLimiter(),
    tokens: new TokenVerifier({
      secret: settings.jwtSecret,
      issuer: settings.jwtIssuer,
      audience: settings.jwtAudience,
    }),
    redis,
  };
}

/** Gives every connection back. */
export async function closeServices(services: Services): Promise<void> {
  await services.cache.close();
  await services.database.close();
  services.redis?.disconnect();
}
