/** Which errors of a database mean "come back later" rather than "this is wrong". */

import { UnavailableError } from "./errors.ts";

/** No connection could be had, it was lost, or nobody answered in time; the cause says which. */
export class OutageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutageError";
  }
}

/** Serialization failure and deadlock: the transaction did nothing and may be run again. */
export const AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);

/** Statement cancelled, server going down or full, lock not had in time (PostgreSQL manual, appendix A). */
const BUSY: ReadonlySet<string> = new Set(["57014", "57P01", "57P02", "57P03", "53300", "55P03", ...AGAIN]);

/**
 * What `work` gives, or an error the client is told to come back for.
 *
 * @throws UnavailableError no connection could be had, it was lost, or the statement took too long
 */
export async function unavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isOutage(error)) throw new UnavailableError(undefined, undefined, { cause: error });
    throw error;
  }
}

/** The five characters by which PostgreSQL names an error; empty for other engines and errors. */
export function sqlstate(error: unknown): string {
  for (const each of chain(error)) {
    const code = "code" in each ? each.code : undefined;
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && "severity" in each) return code;
  }
  return "";
}

/** An error and its causes, outermost first: Drizzle wraps what the driver throws. */
export function* chain(error: unknown): Generator<Error> {
  for (let each = error; each instanceof Error; each = each.cause) yield each;
}

/** Whether a database said it, or its connection. */
export function isDatabaseError(error: unknown): boolean {
  return [...chain(error)].some((each) => each instanceof OutageError || "severity" in each || "errcode" in each);
}

function isOutage(error: unknown): boolean {
  const state = sqlstate(error);
  if (BUSY.has(state) || state.startsWith("08")) return true;
  return [...chain(error)].some((each) => each instanceof OutageError);
}
