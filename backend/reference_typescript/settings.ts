/** Settings, read from the environment once at start. What is missing, weak or misspelt stops the start. */

import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { parseEnv } from "node:util";

import { z } from "zod";

import { isPostgres, isSqlite } from "./engines/urls.ts";
import { misspelt } from "./misspelling.ts";

/** As long as the hash: RFC 7518 section 3.2. */
const MINIMUM_SECRET_BYTES = 32;

const flag = z.stringbool({ truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off"] });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);
const database = z
  .string()
  .refine((url) => isSqlite(url) || isPostgres(url), "is no sqlite:///file and no postgresql://server/name");
const redis = z.string().regex(/^(?:rediss?|unix):\/\//, "is no redis://server");

/** Each setting by the name of its variable, with a default fit for a developer's machine. */
const VARIABLES = z.object({
  ENVIRONMENT: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["debug", "info", "warning", "error", "critical"]))
    .default("info"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  DATABASE_URL: database,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10),
  DATABASE_POOL_OVERFLOW: z.coerce.number().int().min(0).max(500).default(5),
  DATABASE_POOL_TIMEOUT: z.coerce.number().positive().default(2),
  DATABASE_STATEMENT_TIMEOUT: z.coerce.number().positive().default(2),
  DATABASE_IDLE_SECONDS: z.coerce.number().positive().default(60),
  DATABASE_BEHIND_PGBOUNCER: flag.default(false),
  REDIS_URL: redis.or(z.literal("")).default(""),
  JWT_SECRET: z.string().default(""),
  JWT_ISSUER: z.string(),
  JWT_AUDIENCE: z.string(),
  CORS_ORIGINS: list
    .pipe(z.array(z.string().refine(isOrigin, "is not an origin such as https://www.example.com")))
    .default([]),
  TRUSTED_PROXIES: list.pipe(z.array(z.string().refine(isNetwork, "is not a network such as 10.0.0.0/8"))).default([]),
  RATE_LIMIT_ENABLED: flag.default(true),
  MAX_BODY_BYTES: z.coerce.number().int().min(1024).default(1_048_576),
});

/** Every knob of the application. */
export interface Settings {
  readonly environment: "development" | "test" | "production";
  readonly logLevel: "debug" | "info" | "warning" | "error" | "critical";
  /** Where the application listens. */
  readonly port: number;
  readonly databaseUrl: string;
  /** Connections, and how many more at a peak. On a serverless platform: 1 and 0, behind pgbouncer, soon idle. */
  readonly databasePoolSize: number;
  readonly databasePoolOverflow: number;
  /** Seconds a request waits for a connection before it is answered 503. */
  readonly databasePoolTimeout: number;
  /** Seconds after which the server cancels a statement. */
  readonly databaseStatementTimeout: number;
  /** Seconds after which a connection that nobody uses is closed. */
  readonly databaseIdleSeconds: number;
  /** Transaction pooling: no prepared statements kept, nothing said at the start of a connection. */
  readonly databaseBehindPgbouncer: boolean;
  /** Empty: cache and rate limits live in the memory of each process. */
  readonly redisUrl: string;
  readonly jwtSecret: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  /** Exact origins, never `*`. */
  readonly corsOrigins: readonly string[];
  /** Networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly rateLimitEnabled: boolean;
  readonly maxBodyBytes: number;
  /** Whether HTTPS is demanded. */
  readonly production: boolean;
}

/** What a project decides itself. */
export interface Defaults {
  readonly databaseUrl: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  /** For a backend without callers: a secret that nobody knows. */
  readonly jwtSecret?: string;
}

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The start cannot go on; every reason is in the message. */
export class SettingsError extends Error {
  constructor(reasons: readonly string[]) {
    super(["The settings are not right:", ...reasons].join("\n  "));
    this.name = "SettingsError";
  }
}

/**
 * The settings in the environment.
 *
 * @throws SettingsError one of them is missing, weak or misspelt
 */
export function readSettings(defaults: Defaults, variables: Variables = environment()): Settings {
  const standard = {
    DATABASE_URL: defaults.databaseUrl,
    JWT_ISSUER: defaults.jwtIssuer,
    JWT_AUDIENCE: defaults.jwtAudience,
    JWT_SECRET: defaults.jwtSecret,
  };
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  const read = VARIABLES.safeParse({ ...standard, ...set });
  const reasons = misspelt(Object.keys(VARIABLES.shape), Object.keys(set));
  if (!read.success) throw new SettingsError([...reasons, ...read.error.issues.map(reasonOf)]);
  const found = read.data;
  if (isWeak(found.JWT_SECRET) && !(found.JWT_SECRET === "" && found.ENVIRONMENT === "development")) {
    reasons.push(
      `JWT_SECRET must hold at least ${MINIMUM_SECRET_BYTES} unguessable bytes; make one with: ` +
        `node -p 'crypto.randomBytes(48).toString("base64url")'`,
    );
  }
  if (reasons.length > 0) throw new SettingsError(reasons);
  return {
    environment: found.ENVIRONMENT,
    logLevel: found.LOG_LEVEL,
    port: found.PORT,
    databaseUrl: found.DATABASE_URL,
    databasePoolSize: found.DATABASE_POOL_SIZE,
    databasePoolOverflow: found.DATABASE_POOL_OVERFLOW,
    databasePoolTimeout: found.DATABASE_POOL_TIMEOUT,
    databaseStatementTimeout: found.DATABASE_STATEMENT_TIMEOUT,
    databaseIdleSeconds: found.DATABASE_IDLE_SECONDS,
    databaseBehindPgbouncer: found.DATABASE_BEHIND_PGBOUNCER,
    redisUrl: found.REDIS_URL,
    jwtSecret: found.JWT_SECRET,
    jwtIssuer: found.JWT_ISSUER,
    jwtAudience: found.JWT_AUDIENCE,
    corsOrigins: found.CORS_ORIGINS,
    trustedProxies: found.TRUSTED_PROXIES,
    rateLimitEnabled: found.RATE_LIMIT_ENABLED,
    maxBodyBytes: found.MAX_BODY_BYTES,
    production: found.ENVIRONMENT === "production",
  };
}

/** The process's own variables, and those of a file `.env` beside it that it does not have. */
function environment(): Variables {
  const file = existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};
  return { ...file, ...process.env };
}

function reasonOf(issue: z.core.$ZodIssue): string {
  return `${issue.path.map(String).join(".")}: ${issue.message}`;
}

function isWeak(secret: string): boolean {
  const bytes = Buffer.from(secret);
  return bytes.length < MINIMUM_SECRET_BYTES || new Set(bytes).size < 8;
}

function isOrigin(text: string): boolean {
  return !text.includes("*") && /^https?:\/\//.test(text) && !text.endsWith("/");
}

function isNetwork(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    more.length === 0 &&
    (bits === "" ? most > 0 && !text.endsWith("/") : /^\d{1,3}$/.test(bits) && Number(bits) <= most)
  );
}
