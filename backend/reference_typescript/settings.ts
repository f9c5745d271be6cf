/** Settings, read from the environment once at start. What is missing, weak or misspelt stops the start. */

/** Every knob of the application. */
export interface Settings {
  readonly environment: "development" | "test" | "production";
  readonly logLevel: string;
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly databasePoolOverflow: number;
  /** Seconds a request waits for a connection before it is answered 503. */
  readonly databasePoolTimeout: number;
  /** Seconds after which the server cancels a statement. */
  readonly databaseStatementTimeout: number;
  /** Transaction pooling: no prepared statements kept. */
  readonly databaseBehindPgbouncer: boolean;
  /** Empty: cache and rate limits live in the memory of each process. */
  readonly redisUrl: string;
  readonly jwtSecret: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly rateLimitEnabled: boolean;
  readonly maxBodyBytes: number;
  readonly port: number;
}

/** Defaults of a project in the place of the core's own. */
export interface Defaults {
  readonly databaseUrl: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  readonly jwtSecret?: string;
}

/** The settings in an environment. @throws SettingsError one of them is missing, weak or misspelt */
export declare function readSettings(defaults: Defaults, environment?: Readonly<Record<string, string | undefined>>): Settings;
