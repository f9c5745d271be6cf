/** HTTPS only: what arrives unencrypted is sent to the same place over HTTPS. */

import { createMiddleware } from "hono/factory";

import type { TrustedProxies } from "../clientAddress.ts";
import type { AppEnvironment } from "../context.ts";
import { ForbiddenError } from "../errors.ts";
import { peerOf } from "./identity.ts";

/** Asked by the platform itself, inside the network. */
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** Redirects GET and HEAD with 308; refuses the rest, whose content has already travelled in the open. */
export function httpsOnly(proxies: TrustedProxies) {
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const peer = peerOf(context) ?? "unknown";
    const encrypted = proxies.trusts(peer) && context.req.header("x-forwarded-proto")?.toLowerCase() === "https";
    if (encrypted || PROBES.has(context.req.path)) return next();
    if (!["GET", "HEAD"].includes(context.req.method)) throw new ForbiddenError("Use HTTPS");
    const url = new URL(context.req.url);
    url.protocol = "https:";
    return new Response(null, { status: 308, headers: { Location: url.href } });
  });
}
