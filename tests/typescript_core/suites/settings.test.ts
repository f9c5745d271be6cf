import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { loggers, redact } from "../src/core/logs.ts";
import { readSettings, SettingsError, type Variables } from "../src/core/settings.ts";
import { SECRET } from "./support.ts";

describe("settings", () => {
  const DEFAULTS = { databaseUrl: "sqlite+aiosqlite:///./notes.db", jwtIssuer: "notes", jwtAudience: "notes" };

  function read(variables: Variables) {
    return readSettings(DEFAULTS, variables);
  }

  function refusal(variables: Variables): string {
    try {
      read(variables);
    } catch (error) {
      assert(error instanceof SettingsError);
      return error.message;
    }
    return assert.fail("nothing was refused");
  }

  test("a developer needs to set nothing", () => {
    const settings = read({});
    assert.deepEqual(
      [settings.environment, settings.databaseUrl, settings.jwtIssuer],
      ["development", "sqlite+aiosqlite:///./notes.db", "notes"],
    );
    assert.deepEqual([settings.production, settings.rateLimitEnabled, settings.maxBodyBytes], [false, true, 1_048_576]);
  });

  test("variables are those of the Python stack; what is empty counts as left out", () => {
    const settings = read({
      ENVIRONMENT: "production",
      LOG_LEVEL: "WARNING",
      DATABASE_URL: "postgresql+asyncpg://u:p@h/d",
      DATABASE_POOL_SIZE: "3",
      DATABASE_POOL_TIMEOUT: "0.5",
      DATABASE_BEHIND_PGBOUNCER: "true",
      REDIS_URL: "",
      JWT_SECRET: SECRET,
      CORS_ORIGINS: "https://a.example, https://b.example,",
      TRUSTED_PROXIES: "10.0.0.0/8,::1",
      RATE_LIMIT_ENABLED: "false",
    });
    assert.deepEqual(
      [settings.production, settings.logLevel, settings.databasePoolSize, settings.databasePoolTimeout],
      [true, "warning", 3, 0.5],
    );
    assert.deepEqual(
      [settings.databaseBehindPgbouncer, settings.redisUrl, settings.rateLimitEnabled],
      [true, "", false],
    );
    assert.deepEqual(settings.corsOrigins, ["https://a.example", "https://b.example"]);
    assert.deepEqual(settings.trustedProxies, ["10.0.0.0/8", "::1"]);
  });

  for (const [name, value] of [
    ["ENVIRONMENT", "prod"],
    ["LOG_LEVEL", "loud"],
    ["DATABASE_URL", "mysql://h/d"],
    ["DATABASE_POOL_SIZE", "0"],
    ["DATABASE_POOL_SIZE", "many"],
    ["DATABASE_STATEMENT_TIMEOUT", "-1"],
    ["DATABASE_BEHIND_PGBOUNCER", "perhaps"],
    ["REDIS_URL", "localhost:6379"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://a.example/"],
    ["CORS_ORIGINS", "a.example"],
    ["TRUSTED_PROXIES", "10.0.0.0/33"],
    ["TRUSTED_PROXIES", "everybody"],
    ["TRUSTED_PROXIES", "10.0.0.0/"],
    ["MAX_BODY_BYTES", "10"],
    ["PORT", "65536"],
  ] as const) {
    test(`${name}=${value} stops the start, and says so`, () => {
      assert.match(refusal({ [name]: value }), new RegExp(`^The settings are not right:\\n  ${name}`));
    });
  }

  test("everything that is wrong is said at once", () => {
    const said = refusal({ ENVIRONMENT: "prod", DATABASE_POOL_SIZE: "x", DATABSE_URL: "sqlite://" });
    assert.deepEqual(said.split("\n").length, 4);
  });

  test("a secret that can be guessed stops the start wherever others can reach it", () => {
    for (const secret of ["", "0123456789abcdef", "a".repeat(64)]) {
      for (const environment of ["test", "production"]) {
        assert.match(
          refusal({ ENVIRONMENT: environment, JWT_SECRET: secret }),
          /JWT_SECRET must hold at least 32 unguessable bytes/,
        );
      }
    }
    assert.match(refusal({ JWT_SECRET: "short" }), /JWT_SECRET/);
    assert.equal(read({ JWT_SECRET: "" }).jwtSecret, "");
  });

  test("a name that is nearly one of ours stops the start", () => {
    for (const [wrong, right] of [
      ["DATABSE_URL", "DATABASE_URL"],
      ["DATABASE_UR", "DATABASE_URL"],
      ["JWT_SECRETS", "JWT_SECRET"],
      ["REDIS_ULR", "REDIS_URL"],
      ["Environment", "ENVIRONMENT"],
    ] as const) {
      assert.match(refusal({ [wrong]: "x" }), new RegExp(`${wrong} is no setting; ${right} is`));
    }
    for (const other of ["DATABASE_HOST", "PATH", "HOSTNAME", "REDIS_HOST", "JWT_PUBLIC_KEY"]) read({ [other]: "x" });
    read({ DATABASE_URL: "sqlite://", DATABASE_URL2: "x" });
  });

  test("what looks like a secret is struck out of every line", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    for (const [text, kept] of [
      [`Authorization: Bearer abc.def`, "Authorization: Bearer [redacted]"],
      [`token ${jwt} was refused`, "token [redacted] was refused"],
      ["postgresql://user:hunter2@host/db", "postgresql://[redacted]@host/db"],
      ["?password=hunter2&x=1", "?password=[redacted]&x=1"],
      ["https://example.com/a:b", "https://example.com/a:b"],
    ] as const) {
      assert.equal(redact(text), kept);
    }
    const lines: string[] = [];
    const logger = loggers("info", (line) => lines.push(line))("test");
    logger.info("hello", {
      idempotency_key: "k",
      password: "p",
      count: 3,
      reason: jwt,
      error: new Error("outer", { cause: new Error(`Bearer ${jwt}`) }),
    });
    const { time, error, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.match(String(time), /^\d{4}-.*Z$/);
    assert.match(String(error), /outer[\s\S]*caused by: Error: Bearer \[redacted\]/);
    assert.deepEqual(rest, {
      level: "info",
      logger: "test",
      message: "hello",
      idempotency_key: "[redacted]",
      password: "[redacted]",
      count: 3,
      reason: "[redacted]",
    });
  });

  test("what matters less than the level is not written", () => {
    const lines: string[] = [];
    const logger = loggers("error", (line) => lines.push(line))("test");
    logger.info("a");
    logger.warning("b");
    logger.error("c");
    assert.equal(lines.length, 1);
  });
});
