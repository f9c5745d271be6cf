/** Endpoints of the API: documented by their route, strict about everything a client sends. */

import type { RouteConfig, z } from "@hono/zod-openapi";
import type { ZodObject, ZodType } from "zod";

import type { Caller } from "./auth/caller.ts";
import type { Api, AppContext } from "./context.ts";
import { UnauthenticatedError } from "./errors.ts";
import { take } from "./limits.ts";
import type { Limit } from "./rateLimit.ts";
import { readBody, readHeaders, readPart, refuseQuery } from "./reading.ts";

type Parsed<Schema> = Schema extends ZodType ? z.output<Schema> : Record<string, never>;
type BodyOf<Route> = Route extends { request: { body: { content: { "application/json": { schema: infer Schema } } } } }
  ? Parsed<Schema>
  : undefined;
type PartOf<Route, Part extends string> = Route extends { request: Record<Part, infer Schema> }
  ? Parsed<Schema>
  : Record<string, never>;
type InSmallLetters<Headers> = {
  [Name in keyof Headers as Name extends string ? Lowercase<Name> : never]: Headers[Name];
};

/** What the endpoint of `Route` is given: the parts of the request as its schemas describe them. */
export interface Input<Route extends RouteConfig, SignedIn extends boolean> {
  readonly context: AppContext;
  /** Who asks; `null` for somebody who did not say. */
  readonly caller: SignedIn extends true ? Caller : Caller | null;
  readonly params: PartOf<Route, "params">;
  readonly query: PartOf<Route, "query">;
  /** By their names in small letters. */
  readonly headers: InSmallLetters<PartOf<Route, "headers">>;
  readonly body: BodyOf<Route>;
}

/** What holds before the request is read. */
export interface Conditions<SignedIn extends boolean> {
  /** Whether a valid token is needed. */
  readonly signedIn: SignedIn;
  /** A limit of this operation alone. */
  readonly limit?: Limit | undefined;
}

/**
 * Adds an operation to `api`, and to its documentation.
 *
 * In this order a request is refused: parameters where the route has none, a body that is no JSON (400), too many of
 * this operation (429), no caller (401), and whatever the schemas of the route do not take (422).
 */
export function endpoint<const Route extends RouteConfig, const SignedIn extends boolean>(
  api: Api,
  route: Route,
  conditions: Conditions<SignedIn>,
  handle: (input: Input<Route, SignedIn>) => Response | Promise<Response>,
): void {
  const { params, query, headers, body } = route.request ?? {};
  const json = body?.content["application/json"];
  const bodySchema = json && "schema" in json ? (json.schema as ZodType) : undefined;
  api.openAPIRegistry.registerPath(route);
  api.on(route.method.toUpperCase(), route.path.replace(/\{(\w+)\}/g, ":$1"), async (context: AppContext) => {
    if (!query) refuseQuery(context);
    const sent = bodySchema ? await readBody(context) : undefined;
    if (conditions.limit) await take(context, conditions.limit);
    const caller = conditions.signedIn ? signedIn(context) : context.var.caller;
    const input = {
      context,
      caller,
      params: params ? readPart("path", params as ZodType, context.req.param()) : {},
      query: query ? readPart("query", query as ZodType, context.req.query()) : {},
      headers: headers ? readHeaders(headers as ZodObject, context) : {},
      body: bodySchema ? readPart("body", bodySchema, sent) : undefined,
    };
    return await handle(input as Input<Route, SignedIn>);
  });
}

/**
 * The caller, who must have proved who they are.
 *
 * @throws UnauthenticatedError there is no token, or it is not valid
 */
export function signedIn(context: AppContext): Caller {
  const { caller, refusal } = context.var;
  if (caller === null) throw refusal ?? new UnauthenticatedError();
  return caller;
}
