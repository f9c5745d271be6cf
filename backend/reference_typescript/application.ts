/** Puts the application together: middleware, error handlers, routes, documentation. */

import { OpenAPIHono } from "@hono/zod-openapi";

import { TrustedProxies } from "./clientAddress.ts";
import type { Api, AppEnvironment } from "./context.ts";
import { addDocumentation, type Documented } from "./documentation.ts";
import { installErrorHandlers } from "./errorResponses.ts";
import { addHealth } from "./health.ts";
import { refuseHead } from "./methods.ts";
import { answerCache, type CachedRoute } from "./middleware/answerCache.ts";
import { bodyLimit } from "./middleware/bodyLimit.ts";
import { allowOrigins } from "./middleware/cors.ts";
import { deprecated } from "./middleware/deprecated.ts";
import { edge } from "./middleware/edge.ts";
import { httpsOnly } from "./middleware/https.ts";
import { identity } from "./middleware/identity.ts";
import { throttle } from "./middleware/throttle.ts";
import type { Limit } from "./rateLimit.ts";
import type { Services } from "./services.ts";

/** What an application is made of. */
export interface ApplicationOptions extends Documented {
  readonly services: Services;
  /** Each adds the endpoints of one resource. */
  readonly routes: readonly ((api: Api) => void)[];
  /** For every caller, on all routes together. */
  readonly limit: Limit;
  /** Reads whose answers the application keeps. */
  readonly cached?: readonly CachedRoute[];
}

/** The application as the server runs it. */
export function createApplication({ services, routes, limit, cached = [], ...documented }: ApplicationOptions): Api {
  const api: Api = new OpenAPIHono<AppEnvironment>();
  addMiddleware(api, services, limit, cached);
  installErrorHandlers(api, services.loggers("app.errors"));
  for (const add of [addHealth, ...routes]) add(api);
  addDocumentation(api, documented);
  return api;
}

/** From the outside in. */
function addMiddleware(api: Api, services: Services, limit: Limit, cached: readonly CachedRoute[]): void {
  const { settings } = services;
  const proxies = new TrustedProxies(settings.trustedProxies);
  api.use(edge(services));
  if (settings.corsOrigins.length > 0) api.use(allowOrigins(settings.corsOrigins));
  if (settings.production) api.use(httpsOnly(proxies));
  api.use(bodyLimit(settings.maxBodyBytes));
  api.use(identity(services.tokens, proxies));
  if (settings.rateLimitEnabled) api.use(throttle(services.limiter, limit));
  api.use(refuseHead(api));
  api.use(deprecated(api));
  if (cached.length > 0) api.use(answerCache(services.cache, cached));
}
