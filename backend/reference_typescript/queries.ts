/** Parts of statements that lists have in common. Whatever a client sent goes into a parameter, never into the SQL. */

import { eq, sql, type AnyColumn, type Column, type GetColumnData, type SQL } from "drizzle-orm";

import type { Cursor } from "./pagination.ts";

/** The rows with this value; no condition where the client did not ask for one. */
export function equals<Of extends Column>(column: Of, value: GetColumnData<Of, "raw"> | undefined): SQL | undefined {
  return value === undefined ? undefined : eq(column, value);
}

/** The rows behind a cursor, newest first. */
export function behind(createdAt: AnyColumn, id: AnyColumn, cursor: Cursor): SQL {
  return sql`(${createdAt}, ${id}) < (${sql.param(cursor.created_at, createdAt)}, ${sql.param(cursor.id, id)})`;
}

/** The rows whose value contains `text`, small and capital letters alike. */
export function contains(column: AnyColumn, text: string): SQL {
  return sql`lower(${column}) like lower(${containing(text)}) escape '\\'`;
}

/** The pattern of `LIKE` for values that contain `text`; its escape character is the backslash. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;
}

/**
 * The one row that a write returns.
 *
 * @throws RangeError there is none, or more than one
 */
export function only<Row>(rows: readonly Row[]): Row {
  const [row, ...more] = rows;
  if (row === undefined || more.length > 0) throw new RangeError(`${rows.length} rows instead of one`);
  return row;
}
