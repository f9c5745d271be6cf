/** What a request carries with it, and the types of the application that are made of that. */

import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { Caller } from "./auth/caller.ts";
import type { RequestMemo } from "./cache/memo.ts";
import type { UnauthenticatedError } from "./errors.ts";
import type { Services } from "./services.ts";

/** The state of a request, as in `context.var.caller`. */
export interface RequestState {
  services: Services;
  requestId: string;
  /** Whoever proved who they are; `null` for anybody else. */
  caller: Caller | null;
  /** Why a token was refused. */
  refusal: UnauthenticatedError | null;
  /** Stands for those who are not signed in. */
  address: string;
  memo: RequestMemo;
  /** Headers that the answer is going to carry whatever it is, more than one of a name where they are told twice. */
  told: (readonly [name: string, value: string])[];
}

export interface AppEnvironment {
  Bindings: HttpBindings;
  Variables: RequestState;
}

export type AppContext = Context<AppEnvironment>;
export type Api = OpenAPIHono<AppEnvironment>;
