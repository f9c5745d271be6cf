/** Pages: numbered ones, and cursors that stay right while rows come and go. */

import { z } from "@hono/zod-openapi";

import { BadRequestError } from "./errors.ts";
import { momentOf } from "./moments.ts";
import { uuidOf } from "./uuids.ts";
import * as values from "./values.ts";

/** Of a numbered page. */
export const PageNumber = values.integerText(1, 1_000_000).default(1).openapi({ default: 1 });
/** A cursor as clients hand it back. */
export const CursorText = values.text(1, 200);
/** What a list is searched for. */
export const SearchText = values.text(1, 100);

/** How many rows a page has; `standard` where the client does not say. */
export function pageLimit(most: number, standard: number) {
  return values.integerText(1, most).default(standard).openapi({ default: standard });
}

/** Which page of a list that offers nothing else. */
export const PageQuery = z.strictObject({ page: PageNumber, limit: pageLimit(100, 20) });
export type PageQuery = z.output<typeof PageQuery>;

/** The last row that the client has seen: newest first, so what follows is older, or as old with a lesser id. */
export interface Cursor {
  readonly created_at: string;
  readonly id: string;
}

/** The cursor behind a row, as clients hand it back, unread. */
export function encodeCursor(row: Cursor): string {
  return Buffer.from(`${row.created_at}|${row.id}`).toString("base64url");
}

/**
 * The cursor that a client handed back.
 *
 * @throws BadRequestError it is not one of ours
 */
export function readCursor(text: string): Cursor {
  const bytes = Buffer.from(text, "base64url");
  try {
    if (bytes.toString("base64url") !== text) throw new RangeError("not base64url");
    const [moment = "", id = "", ...more] = bytes.toString("latin1").split("|");
    if (more.length > 0) throw new RangeError("more than a moment and a row");
    return { created_at: momentOf(moment), id: uuidOf(id) };
  } catch {
    throw new BadRequestError("The cursor is not one that a list has given");
  }
}

/** The first `limit` of one row more than that, and the cursor behind them; `null` where nothing follows. */
export function pageOf<Row extends Cursor>(
  rows: readonly Row[],
  limit: number,
): [rows: readonly Row[], next: string | null] {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return [rows, null];
  return [rows.slice(0, limit), encodeCursor(last)];
}

/** How many rows stand before a numbered page. */
export function offsetOf({ page, limit }: PageQuery): number {
  return (page - 1) * limit;
}
