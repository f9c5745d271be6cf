/** Statements in PostgreSQL's SQL as SQLite understands them. The two differ in little of what an API needs. */

const QUOTED_OR_NOT = /("(?:[^"]|"")*"|'(?:[^']|'')*')|\$(\d+)|\s+for\s+(?:no\s+key\s+)?(?:update|share|key\s+share)(?:\s+of\s+"[^"]+")?(?:\s+(?:skip\s+locked|nowait))?|\bilike\b/gi;

/**
 * The same statement for SQLite: parameters by their numbers, and no locks on rows, as a transaction that writes is
 * alone there. `LIKE` knows no small and capital letters of ASCII apart anyway.
 */
export function forSqlite(sql: string): string {
  return sql.replace(QUOTED_OR_NOT, (whole, quoted: string | undefined, parameter: string | undefined) => {
    if (quoted !== undefined) return quoted;
    if (parameter !== undefined) return `?${parameter}`;
    return whole.toLowerCase() === "ilike" ? "like" : "";
  });
}
