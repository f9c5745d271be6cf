/** Addresses of databases, in the forms that are in use; a driver named in the scheme is of no interest. */

import type { PoolConfig } from "pg";

const SQLITE = /^(?:sqlite(?:\+\w+)?:(?:\/\/\/?)?|file:)/;
const POSTGRES = /^postgres(?:ql)?(?:\+\w+)?:\/\//;

/** Whether it is the address of a SQLite file. */
export function isSqlite(url: string): boolean {
  return SQLITE.test(url);
}

/** Whether it is the address of a PostgreSQL server. */
export function isPostgres(url: string): boolean {
  return POSTGRES.test(url);
}

/** The file of `sqlite:///./app.db`, `sqlite+aiosqlite:////var/app.db` or `file:app.db`; `:memory:` if none is named. */
export function sqlitePath(url: string): string {
  const [path = ""] = url.replace(SQLITE, "").split("?");
  return path || ":memory:";
}

/** Server, user and database of `postgresql://user:password@host:5432/name?sslmode=require`. */
export function postgresAddress(text: string): PoolConfig {
  const url = new URL(text.replace(POSTGRES, "postgresql://"));
  const named = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const host = named("host") ?? decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, "$1"));
  const port = named("port") ?? url.port;
  const user = decodeURIComponent(url.username) || named("user");
  const password = decodeURIComponent(url.password) || named("password");
  return {
    ...(host && { host }),
    ...(port && { port: Number(port) }),
    ...(user && { user }),
    ...(password && { password }),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: tls(named("sslmode") ?? named("ssl") ?? "disable"),
  };
}

/** As libpq understands it: `require` encrypts, and only `verify-ca` and `verify-full` look at who is there. */
function tls(mode: string): PoolConfig["ssl"] {
  if (["disable", "allow", "prefer", "false"].includes(mode)) return false;
  return { rejectUnauthorized: mode.startsWith("verify") };
}
