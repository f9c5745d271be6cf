/** Moments as text: RFC 3339 in UTC, with six digits of a second or none, so that they compare and travel unchanged. */

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/;
const ANY = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** The time. */
export function now(): string {
  return momentAt(Date.now());
}

/** The moment so many milliseconds after the beginning of 1970. */
export function momentAt(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, 19)}Z` : `${text.slice(0, 23)}000Z`;
}

/** Milliseconds since the beginning of 1970. */
export function millisecondsOf(moment: string): number {
  return Date.parse(moment);
}

/**
 * The canonical text of a moment as an engine or a client writes it; without an offset it is UTC.
 *
 * @throws RangeError it is no moment, or lies outside the years 1 to 9999
 */
export function momentOf(text: string): string {
  if (CANONICAL.test(text) && !text.endsWith(".000000Z") && isDay(text.slice(0, 10)) && isTime(text)) return text;
  const [, date, minutes, seconds = "00", fraction = "", offset = "Z"] = ANY.exec(text) ?? [];
  if (date === undefined || minutes === undefined || !isDay(date)) throw new RangeError(`not a moment: ${text}`);
  const whole = Date.parse(`${date}T${minutes}:${seconds}${isoOffset(offset)}`);
  const utc = Number.isNaN(whole) ? "" : new Date(whole).toISOString().slice(0, 19);
  if (!/^(?!0000)\d{4}-/.test(utc)) throw new RangeError(`not a moment: ${text}`);
  const microseconds = fraction.slice(0, 6).padEnd(6, "0");
  return microseconds === "000000" ? `${utc}Z` : `${utc}.${microseconds}Z`;
}

/** Whether the calendar has this day, `2030-01-31`. */
export function isDay(text: string): boolean {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (found === null || found[1] === "0000") return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

function isTime(text: string): boolean {
  return text.slice(11, 13) < "24" && text.slice(14, 16) < "60" && text.slice(17, 19) < "60";
}

function isoOffset(offset: string): string {
  if (/^z$/i.test(offset)) return "Z";
  const digits = offset.slice(1).replace(":", "").padEnd(4, "0");
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
