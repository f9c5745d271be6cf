/** Who asks: reads the bearer token and the address once, before limits are counted by them. */

import { createMiddleware } from "hono/factory";

import { addressKey } from "../addresses.ts";
import type { Caller } from "../auth/caller.ts";
import type { TokenVerifier } from "../auth/tokens.ts";
import type { TrustedProxies } from "../clientAddress.ts";
import type { AppContext, AppEnvironment } from "../context.ts";
import { UnauthenticatedError } from "../errors.ts";

/**
 * Puts `caller` into the request's state; where a token is refused `caller` is `null` and `refusal` why. `address`
 * stands for those who are not signed in.
 *
 * Routes decide whether they need a caller: those open to all serve a request with a bad token as anonymous.
 */
export function identity(tokens: TokenVerifier, proxies: TrustedProxies) {
  return createMiddleware<AppEnvironment>(async (context, next) => {
    const { caller, refusal } = await identify(tokens, context.req.header("authorization"));
    context.set("caller", caller);
    context.set("refusal", refusal);
    const forwarded = context.req.header("x-forwarded-for") ?? "";
    context.set("address", addressKey(proxies.clientAddress(peerOf(context), forwarded)));
    await next();
  });
}

/** Who opened the connection; empty for a Unix socket, `undefined` where there is none, as in a test. */
export function peerOf(context: AppContext): string | undefined {
  const socket = (context.env as Partial<AppContext["env"]> | undefined)?.incoming?.socket;
  return socket && (socket.remoteAddress ?? "");
}

interface Identity {
  readonly caller: Caller | null;
  readonly refusal: UnauthenticatedError | null;
}

async function identify(tokens: TokenVerifier, authorization: string | undefined): Promise<Identity> {
  if (authorization === undefined) return { caller: null, refusal: null };
  const [, scheme = "", token = ""] = /^([^ ]*)(?: (.*))?$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== "bearer") {
    return { caller: null, refusal: new UnauthenticatedError("Send a bearer token", "invalid_request") };
  }
  try {
    return { caller: await tokens.verify(token.trim()), refusal: null };
  } catch (error) {
    if (error instanceof UnauthenticatedError) return { caller: null, refusal: error };
    throw error;
  }
}
