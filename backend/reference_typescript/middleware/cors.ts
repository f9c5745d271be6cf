/** What scripts of other origins may do (Fetch standard, section 3.2: the CORS protocol). */

import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";

import type { AppEnvironment } from "../context.ts";

/** Headers that scripts of the allowed origins may read. */
const EXPOSED = [
  "Deprecation",
  "ETag",
  "Link",
  "Location",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Sunset",
  "X-Request-Id",
  "Idempotency-Replayed",
];

/** Lets scripts of exactly these origins ask and read. */
export function allowOrigins(origins: readonly string[]) {
  const protocol = cors({
    origin: [...origins],
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const asked = context.req.header("access-control-request-method") !== undefined;
    // Any other OPTIONS is a method like those that no route has.
    if (context.req.method === "OPTIONS" && !asked) return next();
    return protocol(context, next);
  });
}
