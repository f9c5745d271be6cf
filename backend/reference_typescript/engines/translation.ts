/** Statements in PostgreSQL's SQL as SQLite understands them. The two differ in little of what an API needs. */

const QUOTED = `("(?:[^"]|"")*"|'(?:[^']|'')*')`;
const PARAMETER = String.raw`\$(\d+)`;
const LOCK =
  String.raw`\s+for\s+(?:no\s+key\s+)?(?:update|share|key\s+share)` +
  String.raw`(?:\s+of\s+"[^"]+")?(?:\s+(?:skip\s+locked|nowait))?`;
const WORD = String.raw`\b(?:ilike|default)\b`;
const TOKENS = new RegExp([QUOTED, PARAMETER, LOCK, WORD].join("|"), "gi");
const INSERT = /^\s*insert\b/i;

/**
 * The same statement for SQLite: parameters by their numbers, and no locks on rows, as a transaction that writes is
 * alone there. `LIKE` tells small and capital letters of ASCII apart nowhere. Where a row to insert says DEFAULT, NULL
 * does as much for the columns that may be left out.
 */
export function forSqlite(sql: string): string {
  const inserts = INSERT.test(sql);
  return sql.replace(TOKENS, (whole, quoted: string | undefined, parameter: string | undefined) => {
    if (quoted !== undefined) return quoted;
    if (parameter !== undefined) return `?${parameter}`;
    const word = whole.toLowerCase();
    if (word === "default") return inserts ? "null" : whole;
    return word === "ilike" ? "like" : "";
  });
}
