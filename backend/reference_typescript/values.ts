/**
 * Values that clients send. What the database cannot keep, or clients could not read again, is refused as 422.
 *
 * Use them qualified, as in `values.text(1, 200)`: fields may have any of these names themselves.
 */

import { z } from "@hono/zod-openapi";

import type { JsonValue } from "./columns.ts";
import { isDay, momentOf } from "./moments.ts";
import { uuidOf } from "./uuids.ts";

/** Integers further from zero are not exact in the JSON of most clients (RFC 8259 section 6). */
export const INTEGER_LIMIT = Number.MAX_SAFE_INTEGER;
/** Lists and objects inside one another. */
export const JSON_DEPTH = 32;

const NO_NUL = /^[^\x00]*$/;
/** As browsers check it (HTML Living Standard, "valid e-mail address"), and the domain has a dot. */
const EMAIL = new RegExp(
  "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}" +
    String.raw`@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$`,
);
/** Printable ASCII, as RFC 3986 has it; nobody's password before the host. */
const URL = /^https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#][!-~]*)?$/;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MOMENT = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const DECIMAL = /^-?\d{1,100}(?:\.\d{1,100})?$/;
const INTEGER = /^\s*[+-]?\d{1,100}(?:\.0+)?\s*$/;
const TRUE = /^(?:true|t|yes|y|on|1)$/i;
const FALSE = /^(?:false|f|no|n|off|0)$/i;

/** Why a value is refused: a code and a sentence. */
type Refusal = readonly [code: string, message: string];

/** A text of so many characters, any but NUL, which PostgreSQL does not keep. */
export function text(minimum: number, maximum: number) {
  return matching(NO_NUL, minimum, maximum);
}

/** An address of e-mail. */
export function email(minimum: number, maximum: number) {
  return matching(EMAIL, minimum, maximum);
}

/** An address of the web. */
export function url(minimum: number, maximum: number) {
  return matching(URL, minimum, maximum);
}

/** Small letters and digits, joined by single hyphens. */
export function slug(minimum: number, maximum: number) {
  return matching(SLUG, minimum, maximum);
}

/** One of several texts. */
export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values);
}

/** A whole number, written as one. */
export function integer(minimum: number = -INTEGER_LIMIT, maximum: number = INTEGER_LIMIT) {
  let schema = z.int(); // which itself goes as far as the limit
  if (minimum > -INTEGER_LIMIT) schema = schema.min(minimum);
  if (maximum < INTEGER_LIMIT) schema = schema.max(maximum);
  return schema.openapi({ minimum, maximum });
}

/** The same in a query string, where everything is text. */
export function integerText(minimum: number = -INTEGER_LIMIT, maximum: number = INTEGER_LIMIT) {
  return read((sent) => {
    if (!INTEGER.test(sent)) {
      return refuse("int_parsing", "Input should be a valid integer, unable to parse string as an integer");
    }
    const value = Number(sent);
    if (value < minimum) return refuse("greater_than_equal", `Input should be greater than or equal to ${minimum}`);
    if (value > maximum) return refuse("less_than_equal", `Input should be less than or equal to ${maximum}`);
    return { value };
  }).openapi({ type: "integer", minimum, maximum });
}

/** `true` or `false`, and nothing that could be taken for them. */
export function boolean() {
  return z.boolean();
}

/** The same in a query string. */
export function booleanText() {
  return read((sent) => {
    if (TRUE.test(sent)) return { value: true };
    if (FALSE.test(sent)) return { value: false };
    return refuse("bool_parsing", "Input should be a valid boolean, unable to interpret input");
  }).openapi({ type: "boolean" });
}

/** What a decimal may be. */
export interface Digits {
  /** Digits in all. */
  readonly precision: number;
  /** Digits after the point. */
  readonly scale: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** An exact decimal, which travels as text, so that no digit is lost. */
export function decimal({ precision, scale, minimum, maximum }: Digits) {
  const whole = Math.max(1, precision - scale);
  const point = scale ? String.raw`(?:\.[0-9]{1,${scale}})?` : "";
  return given((sent): Refusal | null => {
    if (!DECIMAL.test(sent)) return ["value_error", 'Write a decimal as text, as in "12.50"'];
    const [before = "", after = ""] = sent.replace(/^-?0*/, "").split(".");
    if (after.length > scale) {
      return ["decimal_max_places", `Decimal input should have no more than ${plural(scale, "decimal place")}`];
    }
    if (before.length > whole || (precision === scale && before.length > 0)) {
      const most = plural(precision - scale, "digit");
      return ["decimal_whole_digits", `Decimal input should have no more than ${most} before the decimal point`];
    }
    const value = Number(sent);
    if (minimum !== undefined && value < minimum) {
      return ["greater_than_equal", `Input should be greater than or equal to ${minimum}`];
    }
    if (maximum !== undefined && value > maximum) {
      return ["less_than_equal", `Input should be less than or equal to ${maximum}`];
    }
    return null;
  }, 'Write a decimal as text, as in "12.50"').openapi({ pattern: `^-?[0-9]{1,${whole}}${point}$` });
}

/** A moment with its offset, kept in UTC. */
export function moment() {
  const advice = "Write a date and time with its offset, as in 2030-01-31T12:00:00Z (RFC 3339)";
  return read((sent) => {
    if (!MOMENT.test(sent)) return refuse("value_error", advice);
    if (!isDay(sent.slice(0, 10))) return refuse("datetime_from_date_parsing", "Input should be a day of the calendar");
    try {
      return { value: momentOf(sent) };
    } catch {
      return refuse("value_error", "This lies outside the years 1 to 9999 in UTC");
    }
  }, advice).openapi({ format: "date-time" });
}

/** A day of the calendar. */
export function day() {
  const advice = "Write a date, as in 2030-01-31";
  return given((sent): Refusal | null => {
    if (!/^\d{4}-\d\d-\d\d$/.test(sent)) return ["value_error", advice];
    return isDay(sent) ? null : ["date_from_datetime_parsing", "Input should be a day of the calendar"];
  }, advice).openapi({ format: "date" });
}

/** A UUID. */
export function uuid() {
  return read((sent) => {
    try {
      return { value: uuidOf(sent) };
    } catch {
      return refuse("uuid_parsing", "Input should be a valid UUID");
    }
  }).openapi({ format: "uuid" });
}

/** Any JSON value but null, if every engine keeps it and every client reads it as it was sent (RFC 7493). */
export function json() {
  const isThere = (value: unknown): boolean => value !== undefined && value !== null;
  return z
    .custom<NonNullable<JsonValue>>(isThere, { params: { code: "json_type" } })
    .superRefine(requirePortable)
    .openapi({ type: ["object", "array", "string", "number", "boolean"] });
}

/** The same, or null. */
export function jsonOrNull() {
  return z
    .custom<JsonValue>((value) => value !== undefined, { params: { code: "json_type" } })
    .superRefine(requirePortable)
    .openapi({ type: ["object", "array", "string", "number", "boolean", "null"] });
}

function requirePortable(value: JsonValue, context: z.core.$RefinementCtx): void {
  const message = unportable(value);
  if (message) context.addIssue({ code: "custom", message, params: { code: "value_error" } });
}

function matching(pattern: RegExp, minimum: number, maximum: number) {
  return given((sent): Refusal | null => {
    const length = charactersOf(sent);
    if (length < minimum) {
      return ["string_too_short", `String should have at least ${plural(minimum, "character")}`];
    }
    if (length > maximum) return ["string_too_long", `String should have at most ${plural(maximum, "character")}`];
    if (!pattern.test(sent)) return ["string_pattern_mismatch", `String should match pattern '${pattern.source}'`];
    return sent.isWellFormed() ? null : ["string_unicode", "Half a surrogate pair is no character"];
  }).openapi({ minLength: minimum, maxLength: maximum, pattern: pattern.source });
}

/** A text as it was sent, unless there is something to say against it. */
function given(judge: (sent: string) => Refusal | null, otherwise?: string) {
  return z.string(otherwise).superRefine((sent, context) => {
    const refusal = judge(sent);
    if (refusal) context.addIssue({ code: "custom", message: refusal[1], params: { code: refusal[0] } });
  });
}

/** What a text means. */
function read<Value>(parse: (sent: string) => { value: Value } | { refusal: Refusal }, otherwise?: string) {
  return z.string(otherwise).transform((sent, context): Value => {
    const parsed = parse(sent);
    if ("value" in parsed) return parsed.value;
    const [code, message] = parsed.refusal;
    context.addIssue({ code: "custom", message, params: { code } });
    return z.NEVER;
  });
}

function refuse(code: string, message: string): { refusal: Refusal } {
  return { refusal: [code, message] };
}

/** Code points, which are the characters that databases count. */
function charactersOf(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function unportable(value: JsonValue): string | null {
  let level: JsonValue[] = [value];
  for (let depth = 0; depth < JSON_DEPTH; depth++) {
    for (const item of level) {
      const message = unportableScalar(item);
      if (message) return message;
    }
    level = level.flatMap(inside);
    if (level.length === 0) return null;
  }
  return `Lists and objects may stand at most ${JSON_DEPTH} deep in one another`;
}

function inside(item: JsonValue): JsonValue[] {
  if (item === null || typeof item !== "object") return [];
  return Array.isArray(item) ? item : [...Object.keys(item), ...Object.values(item)];
}

function unportableScalar(item: JsonValue): string | null {
  if (typeof item === "string") {
    if (item.includes("\x00")) return "NUL characters cannot be kept";
    return item.isWellFormed() ? null : "Half a surrogate pair is no character";
  }
  if (typeof item !== "number") return null;
  if (!Number.isFinite(item)) return "Numbers must be finite";
  const exact = !Number.isInteger(item) || Math.abs(item) <= INTEGER_LIMIT;
  return exact ? null : `Whole numbers lie between -${INTEGER_LIMIT} and ${INTEGER_LIMIT}`;
}
