/** Operations whose documentation says that they are deprecated say so on every answer, one from the cache too. */

import { createMiddleware } from "hono/factory";

import type { Api, AppEnvironment } from "../context.ts";
import { Deprecation, deprecationHeaders, EXTENSION } from "../deprecation.ts";
import { patternOf } from "../paths.ts";

/** A deprecated operation. */
interface Left {
  readonly method: string;
  readonly pattern: RegExp;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The routes of `api` are read when the first request comes. */
export function deprecated(api: Api) {
  let operations: readonly Left[] | undefined;
  return createMiddleware<AppEnvironment>(async (context, next) => {
    operations ??= operationsOf(api);
    const { method, path } = context.req;
    const left = operations.find((each) => each.method === method && each.pattern.test(path));
    if (left) context.var.told.push(...left.headers);
    await next();
  });
}

function operationsOf(api: Api): Left[] {
  return api.openAPIRegistry.definitions.flatMap((definition) => {
    const route = definition.type === "route" ? definition.route : undefined;
    const told = route?.[EXTENSION];
    if (!route || told === undefined) return [];
    const headers = deprecationHeaders(Deprecation.parse(told));
    return [{ method: route.method.toUpperCase(), pattern: patternOf(route.path), headers }];
  });
}
