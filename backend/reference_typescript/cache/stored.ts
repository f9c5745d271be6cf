/** A cached entry as text in Redis. */

import type { Entry } from "./base.ts";

/** An entry, the generation it was loaded under, and until when it may be served (milliseconds since 1970). */
export interface Stored {
  readonly generation: string;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly entry: Entry;
}

/** The text to keep: a line about the entry, and its body. */
export function encode({ generation, freshUntil, staleUntil, entry }: Stored): string {
  return `${JSON.stringify([generation, freshUntil, staleUntil, entry.etag])}\n${entry.body}`;
}

/** What was kept, if it is of this generation and whole. */
export function decode(text: string | null, generation: string): Stored | null {
  const end = text?.indexOf("\n") ?? -1;
  if (text === null || end < 0 || !text.startsWith(`[${JSON.stringify(generation)},`)) return null;
  const [, freshUntil, staleUntil, etag] = JSON.parse(text.slice(0, end)) as [string, number, number, string];
  return { generation, freshUntil, staleUntil, entry: { body: text.slice(end + 1), etag } };
}
