/** Serves the application until the platform asks the process to end. */

import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";

import { createAdaptorServer } from "@hono/node-server";

import type { Api } from "./context.ts";
import { closeServices, type Services } from "./services.ts";
import { untilSignal } from "./signals.ts";

/** Milliseconds: longer than load balancers keep an idle connection, so that they are the ones to close it. */
const KEEP_ALIVE = 75_000;
/** Milliseconds that requests under way have to end. */
const GRACE = 10_000;
/** Milliseconds between two looks for connections that have become idle meanwhile. */
const LOOK = 50;

/** Where to listen. */
export interface Listening {
  readonly host?: string;
  readonly port: number;
}

/** Serves until SIGTERM or SIGINT, then takes no more requests, ends those under way, and closes everything. */
export async function serve(api: Api, services: Services, listening: Listening): Promise<void> {
  const logger = services.loggers("app.server");
  const stop = untilSignal();
  const server = await listen(api, listening);
  logger.info("Listening", { port: (server.address() as AddressInfo).port });
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }));
  logger.info("Stopping");
  await shutDown(server);
  await closeServices(services);
  logger.info("Stopped");
}

/** A server that takes requests. */
export async function listen(api: Api, { host = "127.0.0.1", port }: Listening): Promise<Server> {
  const serverOptions = { keepAliveTimeout: KEEP_ALIVE };
  const server = createAdaptorServer({ fetch: api.fetch, createServer, serverOptions }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** Ends requests under way, then cuts whatever is still open. */
export async function shutDown(server: Server, grace = GRACE): Promise<void> {
  const looking = setInterval(() => server.closeIdleConnections(), LOOK);
  const cutting = setTimeout(() => server.closeAllConnections(), grace);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(looking);
  clearTimeout(cutting);
}
