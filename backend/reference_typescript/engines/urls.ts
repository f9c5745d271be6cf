/** Addresses of databases, in the forms that are in use; a driver named in the scheme is of no interest. */

import type { PoolConfig } from "pg";

const SQLITE = /^(?:sqlite(?:\+\w+)?:(?:\/\/\/?)?|file:)/;
/** Unlike the addresses of the web, these may have a user and no host: that of a socket then stands in the query. */
const ADDRESS = new RegExp(
  [
    String.raw`^postgres(?:ql)?(?:\+\w+)?://`,
    String.raw`(?:([^:@/?]*)(?::([^@/?]*))?@)?`, // user and password
    String.raw`(\[[^\]]*\]|[^:/?]*)(?::(\d+))?`, // host and port
    String.raw`(?:/([^?]*))?(?:\?(.*))?$`, // database and the rest
  ].join(""),
);
const POSTGRES = /^postgres(?:ql)?(?:\+\w+)?:\/\//;

/** Whether it is the address of a SQLite file. */
export function isSqlite(url: string): boolean {
  return SQLITE.test(url);
}

/** Whether it is the address of a PostgreSQL server. */
export function isPostgres(url: string): boolean {
  return POSTGRES.test(url);
}

/** The file of `sqlite:///./app.db`, `sqlite+aiosqlite:////var/app.db` or `file:app.db`; `:memory:` if none. */
export function sqlitePath(url: string): string {
  const [path = ""] = url.replace(SQLITE, "").split("?");
  return path || ":memory:";
}

/** Server, user and database of `postgresql://user:password@host:5432/name?sslmode=require`. */
export function postgresAddress(url: string): PoolConfig {
  const [, inUser, inPassword, inHost, inPort, inPath, query] = ADDRESS.exec(url) ?? [];
  const named = new URLSearchParams(query);
  const host = named.get("host") ?? decoded(inHost)?.replace(/^\[(.*)\]$/, "$1");
  const port = named.get("port") ?? inPort;
  const user = decoded(inUser) || named.get("user");
  const password = decoded(inPassword) || named.get("password");
  const database = decoded(inPath) || named.get("dbname") || named.get("database");
  return {
    ...(host && { host }),
    ...(port && { port: Number(port) }),
    ...(user && { user }),
    ...(password && { password }),
    ...(database && { database }),
    ssl: tls(named.get("sslmode") ?? named.get("ssl") ?? "disable"),
  };
}

function decoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : decodeURIComponent(text);
}

/** As libpq understands it: `require` encrypts, and only `verify-ca` and `verify-full` look at who is there. */
function tls(mode: string): PoolConfig["ssl"] {
  if (["disable", "allow", "prefer", "false"].includes(mode)) return false;
  return { rejectUnauthorized: mode.startsWith("verify") };
}
