/** Headers that keep browsers from doing more with an answer than an API needs (OWASP Secure Headers Project). */

const ALWAYS: readonly [name: string, value: string][] = [
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-site"],
  ["Permissions-Policy", "camera=(), geolocation=(), microphone=()"],
  ["Referrer-Policy", "no-referrer"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
];

/** Two years (RFC 6797); only where HTTPS is certain, as browsers remember it. */
const HTTPS: readonly [name: string, value: string] = [
  "Strict-Transport-Security",
  "max-age=63072000; includeSubDomains",
];

/** The headers of every answer. */
export function securityHeaders(https: boolean): readonly (readonly [name: string, value: string])[] {
  return https ? [...ALWAYS, HTTPS] : ALWAYS;
}
