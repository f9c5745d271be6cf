/** The application's own cache of whole answers: a hit passes by routing, validation and the database. */

import { createMiddleware } from "hono/factory";

import type { Caller } from "../auth/caller.ts";
import { entryOf, type Cache, type Entry } from "../cache/base.ts";
import type { AppContext, AppEnvironment } from "../context.ts";
import { patternOf } from "../paths.ts";
import { conditionally } from "../responses.ts";

/**
 * A read whose answers are kept.
 *
 * Public ones are kept for everybody, the others for the callers of one tenant together; whoever may not read at all
 * is left to the route. Only for reads that show the same to everybody who may read.
 */
export interface CachedRoute {
  /** The template, as in `/api/v1/posts/{post_id}`. */
  readonly path: string;
  /** Invalidated by every write that can change an answer. */
  readonly namespace: string;
  readonly seconds: number;
  readonly cacheControl: string;
  readonly public: boolean;
  readonly tenant?: boolean;
}

/** An answer that is not a success: sent on as it is, to everybody who waited for it. */
class NotKept extends Error {
  readonly body: string;
  readonly status: number;
  readonly headers: Headers;

  constructor(body: string, { status, headers }: Response) {
    super("an answer that is not kept");
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}

/** Answers reads from the cache; many requests for what is not in it run the route once. */
export function answerCache(cache: Cache, routes: readonly CachedRoute[]) {
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const { path, method } = context.req;
    const route = method === "GET" ? patterns.find(({ pattern }) => pattern.test(path))?.route : undefined;
    const audience = route ? audienceOf(route, context.var.caller) : null;
    if (!route || audience === null) return next();
    const wanted = context.req.header("if-none-match");
    const key = `${audience} ${path}${new URL(context.req.url).search}`;
    try {
      const load = () => wholeAnswer(context, next);
      const { body, etag } = await cache.fetch(route.namespace, key, { ttl: route.seconds }, load);
      context.res = undefined; // or the headers of the route's own answer would be merged into this one
      context.res = conditionally(wanted, body, { etag, cacheControl: route.cacheControl });
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
      context.res = undefined;
      context.res = new Response(error.body || null, { status: error.status, headers: error.headers });
    }
    return undefined;
  });
}

/** Runs the route as for somebody who has nothing yet, so that the answer is a whole one. */
async function wholeAnswer(context: AppContext, next: () => Promise<void>): Promise<Entry> {
  context.req.raw.headers.delete("if-none-match");
  await next();
  const answer = context.res;
  const body = await answer.text();
  if (answer.status !== 200) throw new NotKept(body, answer);
  const etag = answer.headers.get("etag");
  return etag === null ? entryOf(body) : { body, etag };
}

/** Whom an answer to `caller` may be shown to; `null` where the route has to decide. */
function audienceOf(route: CachedRoute, caller: Caller | null): string | null {
  if (route.public) return "all";
  if (caller === null) return null;
  return route.tenant ? caller.tenantId : "signed-in";
}
