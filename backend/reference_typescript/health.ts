/** What the platform asks: does the process live, and should it get traffic. */

import { createRoute, z } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";

import type { Api } from "./context.ts";
import { envelope, errors, jsonContent } from "./envelope.ts";
import { success } from "./responses.ts";

const Health = z.object({ status: z.string() }).openapi("Health", { description: "How the application is." });

const healthz = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "get_health",
  tags: ["health"],
  summary: "Get Health",
  description: "Whether the process answers at all; asks nobody else, or an outage elsewhere would restart it.",
  responses: { 200: { description: "Successful Response", content: jsonContent(envelope(Health)) }, ...errors() },
});

const readyz = createRoute({
  ...healthz,
  path: "/readyz",
  operationId: "get_readiness",
  summary: "Get Readiness",
  description: "Whether requests can be served: the database answers. The cache may be gone, nothing depends on it.",
});

/** Adds both probes. Unlike the endpoints of the API they ask nothing of whoever asks. */
export function addHealth(api: Api): void {
  for (const route of [healthz, readyz]) api.openAPIRegistry.registerPath(route);
  api.get(healthz.path, () => success({ status: "ok" }));
  api.get(readyz.path, async (context) => {
    await context.var.services.database.read((connection) => connection.execute(sql`select 1`));
    return success({ status: "ready" });
  });
}
