/** Access tokens: signed JWTs (RFC 7519) of the profile for access tokens (RFC 9068). */

import { createSecretKey, type KeyObject } from "node:crypto";

import { jwtVerify, type JWTPayload } from "jose";

import { UnauthenticatedError } from "../errors.ts";
import { uuidOf } from "../uuids.ts";
import { Caller } from "./caller.ts";

export const ALGORITHM = "HS256";
export const TYPE = "at+jwt";
/** Seconds a token may be valid at most, whatever it says itself. */
export const LIFETIME = 3600;
/** Seconds by which clocks may differ. */
export const LEEWAY = 5;

/** Whose tokens are taken. */
export interface TokenPolicy {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Reads tokens with one key and one algorithm; nothing in the token chooses either (RFC 8725 section 3.1). */
export class TokenVerifier {
  readonly #key: KeyObject | null;
  readonly #policy: TokenPolicy;
  readonly #clock: () => Date;

  constructor(policy: TokenPolicy, clock: () => Date = () => new Date()) {
    // Without a secret nothing can have been signed, so that no token is valid.
    this.#key = policy.secret ? createSecretKey(policy.secret, "utf8") : null;
    this.#policy = policy;
    this.#clock = clock;
  }

  /**
   * The caller that `token` names.
   *
   * @throws UnauthenticatedError it is not a valid access token of ours
   */
  async verify(token: string): Promise<Caller> {
    try {
      if (this.#key === null) throw new TypeError("there is no key");
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.#policy.issuer,
        audience: this.#policy.audience,
        clockTolerance: LEEWAY,
        currentDate: this.#clock(),
        requiredClaims: ["exp", "iat", "iss", "aud", "sub", "jti"],
      });
      return callerOf(payload, this.#policy.audience, this.#clock());
    } catch (cause) {
      throw new UnauthenticatedError("The token is not valid", "invalid_token", { cause });
    }
  }
}

function callerOf(claims: JWTPayload, audience: string, now: Date): Caller {
  const { exp, iat, aud, sub, jti, roles = [], tenant_id: tenant = null } = claims;
  if (!Number.isInteger(exp) || !Number.isInteger(iat) || exp! - iat! > LIFETIME) throw new TypeError("valid too long");
  if (iat! > now.getTime() / 1000 + LEEWAY) throw new TypeError("from the future");
  // One audience as text: a token that is good for several services must not be passed on by one of them.
  if (aud !== audience || typeof jti !== "string") throw new TypeError("for another audience, or without a name");
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === "string"))
    throw new TypeError("no list of names");
  return new Caller(uuidOf(String(sub)), roles, tenant === null ? null : uuidOf(String(tenant)));
}
