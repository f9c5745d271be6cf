/** What a violated constraint means to the client. */

import { type AppError, ConflictError, type Detail, ValidationError } from "./errors.ts";
import { chain, sqlstate } from "./outages.ts";

/** Columns that clients neither send nor see. */
const HIDDEN: ReadonlySet<string> = new Set(["tenant_id"]);

/** The primary result code of a violated constraint (SQLite: Result and Error Codes). */
const SQLITE_CONSTRAINT = 19;
/** Class 23 of the error codes (PostgreSQL manual, appendix A). */
const POSTGRES_INTEGRITY = /^23/;

/** What to answer: 409 for a value that is taken or a row still in use, 422 for a missing reference; else `null`. */
export function conflictOf(error: unknown): AppError | null {
  const state = sqlstate(error);
  if (POSTGRES_INTEGRITY.test(state)) return conflictOfPostgres(state, detailOf(error));
  const sqlite = [...chain(error)].find(isSqliteConstraint);
  return sqlite ? conflictOfSqlite(sqlite.message) : null;
}

function conflictOfPostgres(state: string, detail: string): AppError {
  const columns = (/Key \((.+?)\)=/.exec(detail)?.[1] ?? "").split(",").map((name) => name.replace(/[ "]/g, ""));
  if (state === "23505") return taken(columns);
  if (state !== "23503" && state !== "23001") return new ConflictError("The change contradicts what is stored");
  return detail.includes("is not present") ? dangling(columns) : inUse();
}

function conflictOfSqlite(message: string): AppError {
  const unique = /UNIQUE constraint failed: (.+)/.exec(message)?.[1];
  if (unique !== undefined) return taken(unique.split(", ").map((name) => name.slice(name.lastIndexOf(".") + 1)));
  // SQLite does not say which way round, the checks before the write do.
  return message.includes("FOREIGN KEY") ? inUse() : new ConflictError("The change contradicts what is stored");
}

function taken(columns: readonly string[]): AppError {
  const details = detailsOf(columns, "taken", "This value is taken");
  return new ConflictError("A value that must be unique is taken", details);
}

function dangling(columns: readonly string[]): AppError {
  return new ValidationError(detailsOf(columns, "missing_reference", "There is no such resource"));
}

function inUse(): AppError {
  return new ConflictError("Other resources still refer to this one");
}

function detailsOf(columns: readonly string[], code: string, message: string): Detail[] {
  return columns.filter((name) => name && !HIDDEN.has(name)).map((name) => ({ field: `body.${name}`, code, message }));
}

function detailOf(error: unknown): string {
  for (const each of chain(error)) {
    if ("detail" in each && typeof each.detail === "string") return each.detail;
  }
  return "";
}

function isSqliteConstraint(error: Error): boolean {
  return "errcode" in error && typeof error.errcode === "number" && (error.errcode & 0xff) === SQLITE_CONSTRAINT;
}
