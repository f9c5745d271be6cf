/** The Drizzle handle, the same over every engine: tables are declared once, statements are written once. */

import { drizzle, type PgRemoteDatabase } from "drizzle-orm/pg-proxy";

/** The engines that tables can live on. */
export type EngineName = "postgres" | "sqlite";

/** Where statements go: by themselves, or into the transaction it was handed out for. */
export type Connection = PgRemoteDatabase & {
  readonly engine: EngineName;
  /** What is to be known of the transaction once it is committed. */
  readonly marks: Set<string>;
};

/** Something that is done on a connection. */
export type Work<Result> = (connection: Connection) => PromiseLike<Result>;

/** Sends a statement; rows come back as lists of values where `asLists`, else as objects. */
export type Send = (sql: string, parameters: unknown[], asLists: boolean) => Promise<unknown[]>;

/** A handle whose statements go through `send`. */
export function handleOf(engine: EngineName, send: Send): Connection {
  const database = drizzle(async (sql, parameters, method) => ({
    rows: await send(sql, parameters, method === "all"),
  }));
  return Object.assign(database, { engine, marks: new Set<string>() });
}

/**
 * Does `work` with a handle that is good until its end: whoever keeps it longer, as a handler that was too slow, can do
 * nothing with it, since the connection is another's then.
 */
export async function withHandle<Result>(engine: EngineName, send: Send, work: Work<Result>): Promise<Result> {
  let ended = false;
  const connection = handleOf(engine, async (sql, parameters, asLists) => {
    if (ended) throw new Error("the transaction is over");
    return send(sql, parameters, asLists);
  });
  try {
    return await work(connection);
  } finally {
    ended = true;
  }
}
