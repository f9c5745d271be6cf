/** Telling clients to leave an operation: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and links. */

import { z } from "zod";

/** Under this name the documentation of an operation says when. */
export const EXTENSION = "x-deprecation";

/** When an operation is to be left; days as in `2026-01-31`. */
export interface Deprecation {
  /** The day from which on nobody should begin to use it. */
  readonly since: string;
  /** The day from which on it may be gone. */
  readonly sunset?: string | undefined;
  /** A page that says what to use instead. */
  readonly link?: string | undefined;
}

/** What the documentation says, read back. */
export const Deprecation = z.object({
  since: z.iso.date(),
  sunset: z.iso.date().optional(),
  link: z.string().optional(),
});

/** The headers of every answer of the operation. */
export function deprecationHeaders({ since, sunset, link }: Deprecation): [name: string, value: string][] {
  const headers: [string, string][] = [["Deprecation", `@${midnight(since).getTime() / 1000}`]];
  if (sunset) headers.push(["Sunset", midnight(sunset).toUTCString()]);
  if (link) {
    const relations = sunset ? ["deprecation", "sunset"] : ["deprecation"];
    headers.push(["Link", relations.map((relation) => `<${link}>; rel="${relation}"; type="text/html"`).join(", ")]);
  }
  return headers;
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
