/** What every request gets: a name, one log line, and the headers that every answer carries. */

import { randomUUID } from "node:crypto";

import { createMiddleware } from "hono/factory";

import { RequestMemo } from "../cache/memo.ts";
import type { AppEnvironment } from "../context.ts";
import type { Services } from "../services.ts";
import { securityHeaders } from "./securityHeaders.ts";

/** What is taken over from the client; anything else could forge log lines. */
const VALID_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Asked every few seconds; logged only where they fail. */
const UNLOGGED: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** The outermost one; it begins the state of the request. */
export function edge(services: Services) {
  const always = securityHeaders(services.settings.production);
  const logger = services.loggers("app.access");
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const started = performance.now();
    const given = context.req.header("x-request-id") ?? "";
    const requestId = VALID_ID.test(given) ? given : randomUUID().replaceAll("-", "");
    context.set("services", services);
    context.set("requestId", requestId);
    context.set("told", [["X-Request-Id", requestId], ...always]);
    context.set("memo", new RequestMemo());
    await next();
    const { headers, status } = context.res;
    for (const [name, value] of context.var.told) headers.append(name, value);
    if (status < 400 && UNLOGGED.has(context.req.path)) return;
    logger.info("request", {
      request_id: requestId,
      method: context.req.method,
      path: context.req.path, // not the query string, in which clients put secrets
      status,
      milliseconds: Math.round((performance.now() - started) * 100) / 100,
    });
  });
}
