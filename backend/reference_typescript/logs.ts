/** Logs for machines: one JSON object a line, on standard error, with secrets struck out. */

const REDACTED = "[redacted]";
const SECRET_NAMES = /authorization|cookie|password|passwd|secret|token|api_?key|idempotency/i;
/** Signed tokens, bearer credentials, user and password in a URL, and named values. */
const SECRETS = new RegExp(
  [
    String.raw`eyJ[\w-]{5,}\.[\w-]+\.[\w-]*`,
    String.raw`(?<=[Bb]earer )\S+`,
    String.raw`(?<=://)[^\s:/@]*:[^\s/@]+(?=@)`,
    String.raw`(?<=(?:password|secret|token)=)[^\s&]+`,
  ].join("|"),
  "g",
);

const LEVELS = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const;

/** How much a line matters. */
export type Level = keyof typeof LEVELS;
/** What a line says besides its message. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes one line. */
export type Sink = (line: string) => void;

/** Writes lines of one part of the application. */
export class Logger {
  readonly #name: string;
  readonly #least: number;
  readonly #sink: Sink;

  constructor(name: string, level: Level = "info", sink: Sink = (line) => process.stderr.write(`${line}\n`)) {
    this.#name = name;
    this.#least = LEVELS[level];
    this.#sink = sink;
  }

  info(message: string, fields: Fields = {}): void {
    this.#write("info", message, fields);
  }

  warning(message: string, fields: Fields = {}): void {
    this.#write("warning", message, fields);
  }

  error(message: string, fields: Fields = {}): void {
    this.#write("error", message, fields);
  }

  #write(level: Level, message: string, fields: Fields): void {
    if (LEVELS[level] < this.#least) return;
    const line = { time: new Date().toISOString(), level, logger: this.#name, message: redact(message) };
    const told = Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_NAMES.test(name) ? REDACTED : said(value),
    ]);
    this.#sink(JSON.stringify({ ...line, ...Object.fromEntries(told) }));
  }
}

/** Makes the logger of a part of the application. */
export type Loggers = (name: string) => Logger;

/** Loggers that write what matters at least as much as `level`. */
export function loggers(level: Level, sink?: Sink): Loggers {
  return (name) => new Logger(name, level, sink);
}

/** `text` with everything struck out that looks like a secret. */
export function redact(text: string): string {
  return text.replace(SECRETS, REDACTED);
}

function said(value: unknown): unknown {
  if (value instanceof Error) return redact(causes(value));
  return typeof value === "string" ? redact(value) : value;
}

/** The stack of an error and of everything that led to it. */
function causes(error: Error): string {
  // A failed statement brings along its parameters, which are what clients sent.
  const stack = "query" in error && "params" in error ? `failed query: ${error.query}` : (error.stack ?? String(error));
  return error.cause instanceof Error ? `${stack}\ncaused by: ${causes(error.cause)}` : stack;
}
