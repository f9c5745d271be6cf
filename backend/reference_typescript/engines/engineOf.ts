/** The engine that the settings name. */

import type { Settings } from "../settings.ts";
import type { Engine } from "./engine.ts";
import { PostgresEngine } from "./postgres.ts";
import { SqliteEngine } from "./sqlite.ts";
import { isSqlite } from "./urls.ts";

/** Nothing is connected yet. */
export function engineOf(settings: Settings): Engine {
  return isSqlite(settings.databaseUrl) ? new SqliteEngine(settings) : new PostgresEngine(settings);
}
