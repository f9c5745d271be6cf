/** Telling clients to leave an operation: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and links. */

/** Under this name the documentation of an operation says when, and its endpoint finds it. */
export const EXTENSION = "x-deprecation";

/** When clients should leave, and where to; days as `2026-01-31`. */
export interface Deprecation {
  /** From this day on nobody should begin to use it. */
  readonly since: string;
  /** From this day on it may be gone. */
  readonly sunset?: string;
  /** A page that says what to use instead. */
  readonly link?: string;
}

/** The headers of every answer of the operation. */
export function deprecationHeaders({ since, sunset, link }: Deprecation): (readonly [name: string, value: string])[] {
  const relations = ["deprecation", ...(sunset ? ["sunset"] : [])];
  const links = relations.map((relation) => `<${link}>; rel="${relation}"; type="text/html"`);
  return [
    ["Deprecation", `@${Date.parse(since) / 1000}`],
    ...(sunset ? [["Sunset", new Date(sunset).toUTCString()] as const] : []),
    ...(link ? [["Link", links.join(", ")] as const] : []),
  ];
}
