/** Puts the application together: services, middleware, error handlers, routes. */

import type { Api } from "./context.ts";
import type { CachedRoute } from "./middleware/answerCache.ts";
import type { Limit } from "./rateLimit.ts";
import type { Services } from "./services.ts";

/** What an application is made of. */
export interface ApplicationOptions {
  readonly services: Services;
  /** Of the documentation, as are `version` and `description`. */
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Each adds the endpoints of one resource. */
  readonly routes: readonly ((api: Api) => void)[];
  /** For every caller, on all routes together. */
  readonly limit: Limit;
  /** Reads whose answers the application keeps. */
  readonly cached?: readonly CachedRoute[];
}

/** The application as the server runs it. */
export declare function createApplication(options: ApplicationOptions): Api;
