import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";

import { generateKeyPair, SignJWT } from "jose";

import { TokenVerifier } from "../src/core/auth/tokens.ts";
import { UnauthenticatedError } from "../src/core/errors.ts";
import { uuid7 } from "../src/core/ids.ts";
import { application, ask, SECRET, settings, token, type TokenOptions } from "./support.ts";

describe("tokens", () => {
  const policy = { secret: SECRET, issuer: settings.jwtIssuer, audience: settings.jwtAudience };
  const verifier = new TokenVerifier(policy);

  async function isRefused(text: string): Promise<void> {
    await assert.rejects(verifier.verify(text), (error) => {
      assert(error instanceof UnauthenticatedError);
      assert.equal(error.message, "The token is not valid");
      assert.equal(error.headers["WWW-Authenticate"], 'Bearer error="invalid_token"');
      return true;
    });
  }

  function base64(value: unknown): string {
    return Buffer.from(JSON.stringify(value)).toString("base64url");
  }

  test("a token names its caller, the roles and the tenant", async () => {
    const [sub, tenant_id] = [uuid7(), uuid7()];
    const caller = await verifier.verify(await token({ sub, tenant_id, roles: ["moderator"] }));
    assert.deepEqual([caller.id, [...caller.roles], caller.tenant], [sub, ["moderator"], tenant_id]);
    assert.equal(caller.hasRole("admin", "moderator"), true);
    assert.throws(() => caller.requireRole("admin"), { code: "FORBIDDEN" });
  });

  test("a token without a tenant acts in none", async () => {
    const caller = await verifier.verify(await token());
    assert.throws(() => caller.tenant, { code: "FORBIDDEN", message: "Your token names no tenant" });
  });

  for (const [wrong, options] of Object.entries({
    "another key": { secret: "another secret that is long enough as well, 0123456789" },
    "of another service": { issuer: "somebody else" },
    "for another service": { audience: "somebody else" },
    "for several services": { audience: [settings.jwtAudience, "another"] },
    "of another type": { typ: "JWT" },
    expired: { issuedAt: Math.floor(Date.now() / 1000) - 700 },
    "from the future": { issuedAt: Math.floor(Date.now() / 1000) + 60 },
    "valid for too long": { lifetime: 3601 },
    "without an expiry": { without: ["exp"] },
    "without a date": { without: ["iat"] },
    "without a name": { without: ["jti"] },
    "without a caller": { without: ["sub"] },
    "without a service": { without: ["aud"] },
    "whose caller is no UUID": { sub: "root" },
    "whose roles are no list": { roles: "admin" },
    "whose tenant is no UUID": { tenant_id: "1 or 1=1" },
  } satisfies Record<string, TokenOptions>)) {
    test(`a token ${wrong} is refused`, async () => isRefused(await token(options)));
  }

  test("a token that says it is not signed is refused", async () => {
    const [, claims] = (await token()).split(".");
    for (const alg of ["none", "None", ""]) await isRefused(`${base64({ alg, typ: "at+jwt" })}.${claims}.`);
  });

  test("a token chooses neither algorithm nor key", async () => {
    const [, claims = ""] = (await token()).split(".");
    for (const [alg, hash] of [
      ["HS512", "sha512"],
      ["HS384", "sha384"],
    ] as const) {
      const signed = `${base64({ alg, typ: "at+jwt" })}.${claims}`;
      await isRefused(`${signed}.${createHmac(hash, SECRET).update(signed).digest("base64url")}`);
    }
    const { privateKey } = await generateKeyPair("RS256");
    const payload = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    await isRefused(await new SignJWT(payload).setProtectedHeader({ alg: "RS256", typ: "at+jwt" }).sign(privateKey));
  });

  test("a token that was changed is refused", async () => {
    const [header, claims = "", signature] = (await token({ roles: [] })).split(".");
    const payload = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    await isRefused(`${header}.${base64({ ...payload, roles: ["admin"] })}.${signature}`);
    for (const text of ["", "x", "x.y.z", `${header}.${claims}`, `${header}.${claims}.`]) await isRefused(text);
  });

  test("without a secret no token is valid, not even one signed with nothing", async () => {
    const open = new TokenVerifier({ ...policy, secret: "" });
    await assert.rejects(open.verify(await token()), UnauthenticatedError);
  });

  test("what else than a bearer token is sent is refused where a caller is needed, and anonymous elsewhere", async () => {
    const { api } = application();
    const headers = { Authorization: "Basic cm9vdDpyb290" };
    const refused = await ask(api, "POST", "/notes", { body: { title: "x" }, headers });
    assert.deepEqual([refused.status, refused.json.error.message], [401, "Send a bearer token"]);
    assert.equal(refused.headers.get("WWW-Authenticate"), 'Bearer error="invalid_request"');
    assert.equal((await ask(api, "GET", "/healthz", { headers })).status, 200);
  });
});
