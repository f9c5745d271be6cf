import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { addressKey, readAddress } from "../src/core/addresses.ts";
import { TrustedProxies } from "../src/core/clientAddress.ts";
import { application, ask } from "./support.ts";

describe("edges", () => {
  test("an address is read bare, with a port, in brackets, and in IPv6 clothing", () => {
    for (const [text, address] of [
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.1:8080", "192.0.2.1"],
      ["2001:DB8::1", "2001:db8::1"],
      ["[2001:db8:0:0:0:0:0:1]:443", "2001:db8::1"],
      ["fe80::1%eth0", "fe80::1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["::FFFF:c000:201", "192.0.2.1"],
      ["::", "::"],
      ["1::", "1::"],
      ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
      ["unknown", null],
      ["_hidden", null],
      ["192.0.2.256", null],
      ["", null],
      ["[::1", "::1"],
    ] as const) {
      assert.equal(readAddress(text), address, text);
    }
  });

  test("a limit counts an IPv6 address by its network", () => {
    assert.equal(addressKey("2001:db8:1:2:3:4:5:6"), addressKey("2001:db8:1:2::9%eth0"));
    assert.notEqual(addressKey("2001:db8:1:2::"), addressKey("2001:db8:1:3::"));
    assert.equal(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(addressKey("unknown"), "unknown");
  });

  test("only what a trusted proxy says of others is believed", () => {
    const proxies = new TrustedProxies(["10.0.0.0/8", "2001:db8::/32", "192.0.2.9"]);
    for (const [peer, forwarded, client] of [
      ["203.0.113.1", "198.51.100.1", "203.0.113.1"],
      ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
      ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
      ["10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4", "198.51.100.1"],
      ["192.0.2.9", "1.1.1.1,198.51.100.1 ,2001:db8::7", "198.51.100.1"],
      ["10.0.0.1", "1.1.1.1, rubbish, 10.2.3.4", "10.2.3.4"],
      ["10.0.0.1", "", "10.0.0.1"],
      ["10.0.0.1", `1.1.1.1,${"10.0.0.2,".repeat(30)}10.0.0.3`, "10.0.0.2"],
      ["10.0.0.1", "x".repeat(100), "10.0.0.1"],
      ["", "198.51.100.1", "198.51.100.1"],
      [undefined, "198.51.100.1", "unknown"],
    ] as const) {
      assert.equal(proxies.clientAddress(peer, forwarded), client, `${peer} ${forwarded.slice(0, 40)}`);
    }
    assert.equal(new TrustedProxies().clientAddress("", "198.51.100.1"), "unknown");
  });

  /** As the server hands requests on, from this peer. */
  function from(remoteAddress: string) {
    return { incoming: { socket: { remoteAddress } } };
  }

  test("in production everything but the probes is sent to HTTPS", async () => {
    const { api } = application({ production: true, trustedProxies: ["10.0.0.0/8"] });
    const get = (path: string, peer: string, headers: Record<string, string> = {}, method = "GET") =>
      api.request(`http://notes.example${path}`, { method, headers }, from(peer));
    const moved = await get("/notes?q=a%20b", "203.0.113.1");
    assert.deepEqual([moved.status, moved.headers.get("Location")], [308, "https://notes.example/notes?q=a%20b"]);
    const refused = await get("/notes", "203.0.113.1", {}, "POST");
    assert.deepEqual(
      [refused.status, await refused.json()],
      [403, { error: { code: "FORBIDDEN", message: "Use HTTPS", details: [] } }],
    );
    assert.equal((await get("/healthz", "203.0.113.1")).status, 200);
    const secure = { "X-Forwarded-Proto": "https" };
    const reached = await get("/nothing", "10.0.0.1", secure);
    assert.deepEqual(
      [reached.status, reached.headers.get("Strict-Transport-Security")],
      [404, "max-age=63072000; includeSubDomains"],
    );
    assert.equal((await get("/nothing", "203.0.113.1", secure)).status, 308);
    assert.equal((await get("/nothing", "10.0.0.1", { "X-Forwarded-Proto": "http" })).status, 308);
  });

  test("scripts of the origins that are named may ask and read, others may not", async () => {
    const { api } = application({ corsOrigins: ["https://app.example"] });
    const preflight = (Origin: string) =>
      ask(api, "OPTIONS", "/notes", { headers: { Origin, "Access-Control-Request-Method": "POST" } });
    const allowed = await preflight("https://app.example");
    assert.equal(allowed.headers.get("Access-Control-Allow-Origin"), "https://app.example");
    assert.match(allowed.headers.get("Access-Control-Allow-Headers") ?? "", /Idempotency-Key/);
    assert.equal(allowed.headers.get("Access-Control-Max-Age"), "600");
    assert.equal((await preflight("https://evil.example")).headers.get("Access-Control-Allow-Origin"), null);
    const read = await ask(api, "GET", "/nothing", { headers: { Origin: "https://app.example" } });
    assert.equal(read.headers.get("Access-Control-Allow-Origin"), "https://app.example");
    assert.match(read.headers.get("Access-Control-Expose-Headers") ?? "", /ETag.*RateLimit/);
    assert.equal(read.headers.get("Access-Control-Allow-Credentials"), null);
    const other = await ask(api, "GET", "/nothing", { headers: { Origin: "https://app.example.evil.example" } });
    assert.equal(other.headers.get("Access-Control-Allow-Origin"), null);
    assert.equal((await ask(api, "OPTIONS", "/healthz")).status, 405);
  });
});
