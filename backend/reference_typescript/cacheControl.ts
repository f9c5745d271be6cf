/** `Cache-Control` (RFC 9111 section 5.2; stale-while-revalidate is RFC 5861 section 3). */

/** Errors, and answers that hold a secret. */
export const NO_STORE = "no-store";
/** Anybody's answer: keep it, but ask by its ETag each time. */
export const NO_CACHE = "no-cache";
/** One caller's answer: no shared cache may keep it, the caller's own asks by its ETag each time. */
export const PRIVATE_NO_CACHE = "private, no-cache";

/** How long an answer may be kept; all times in seconds. */
export interface Freshness {
  /** By browsers. */
  readonly maxAge: number;
  /** By the CDN. */
  readonly sMaxage?: number;
  /** For so long after that a cache may serve the old answer while it fetches the new one. */
  readonly staleWhileRevalidate?: number;
}

/** For an answer that is the same for everyone. */
export function publicly({ maxAge, sMaxage, staleWhileRevalidate }: Freshness): string {
  const directives = ["public", `max-age=${maxAge}`];
  if (sMaxage !== undefined) directives.push(`s-maxage=${sMaxage}`);
  if (staleWhileRevalidate !== undefined) directives.push(`stale-while-revalidate=${staleWhileRevalidate}`);
  return directives.join(", ");
}

/** For one caller's answer, which the caller's own cache may keep. */
export function privately(freshness: Omit<Freshness, "sMaxage">): string {
  return publicly(freshness).replace("public", "private");
}
