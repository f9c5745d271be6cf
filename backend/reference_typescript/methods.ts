/** Which methods a path takes. */

import { createMiddleware } from "hono/factory";

import type { Api, AppEnvironment } from "./context.ts";
import { MethodNotAllowedError } from "./errors.ts";
import { patternOf } from "./paths.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The methods of a path, none if there is no such path. The routes of `api` are read when it is first asked. */
export function methodsOf(api: Api): (path: string) => string[] {
  let patterns: { pattern: RegExp; method: string }[] | undefined;
  return (path) => {
    patterns ??= api.routes.map((route) => ({ pattern: patternOf(route.path), method: route.method }));
    const taken = new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    return METHODS.filter((method) => taken.has(method));
  };
}

/** Refuses HEAD, which would otherwise be answered as GET: no route documents it. */
export function refuseHead(api: Api) {
  const allowed = methodsOf(api);
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const methods = context.req.method === "HEAD" ? allowed(context.req.path) : [];
    if (methods.length > 0) throw new MethodNotAllowedError(methods);
    await next();
  });
}
