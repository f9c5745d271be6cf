/** The documentation of the API, for programs: OpenAPI 3.1. */

import type { Api } from "./context.ts";
import { representation } from "./responses.ts";

/** What the documentation says of the whole. */
export interface Documented {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** The name of the security scheme that operations with callers name in `security`. */
export const BEARER = "bearer";

/** Serves the documentation of every endpoint at `/openapi.json`. */
export function addDocumentation(api: Api, info: Documented): void {
  api.openAPIRegistry.registerComponent("securitySchemes", BEARER, {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  let text: string | undefined;
  api.get("/openapi.json", (context) => {
    text ??= JSON.stringify(api.getOpenAPI31Document({ openapi: "3.1.0", info: { ...info } }));
    return representation(context, text);
  });
}
