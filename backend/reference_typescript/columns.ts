/**
 * Column types that mean the same on every engine.
 *
 * Tables are declared once, with `pgTable`; the engine decides how a value is kept (see `engines/`). In rows, moments
 * are RFC 3339 text in UTC, and UUIDs, days and decimals are text as clients see it, so that nothing gets lost.
 */

import { customType } from "drizzle-orm/pg-core";

import { momentOf } from "./moments.ts";

/** How engines keep what is no number and no text. */
export type Kind = "uuid" | "moment" | "decimal" | "boolean" | "document";

/** A value on its way to the driver, which writes it as its engine keeps it. */
export class Bound {
  readonly kind: Kind;
  readonly value: unknown;

  constructor(kind: Kind, value: unknown) {
    this.kind = kind;
    this.value = value;
  }
}

/** Any JSON value but null, which is SQL's. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** A UUID as text, in small letters with hyphens. */
export const uuid = customType<{ data: string; driverData: unknown }>({
  dataType: () => "uuid",
  toDriver: (value) => new Bound("uuid", value),
  fromDriver: (value) => hyphenated(String(value)),
});

/** A moment as text, `2030-01-31T12:00:00Z` or with six digits of a second; `timestamptz` on PostgreSQL. */
export const moment = customType<{ data: string; driverData: unknown }>({
  dataType: () => "timestamp with time zone",
  toDriver: (value) => new Bound("moment", value),
  fromDriver: (value) => momentOf(String(value)),
});

/** A day as text, `2030-01-31`. */
export const day = customType<{ data: string; driverData: unknown }>({
  dataType: () => "date",
  fromDriver: (value) => String(value),
});

/** A decimal as text; SQLite keeps at most 15 digits of it as the nearest float and gives them back unchanged. */
export function decimal({ precision, scale }: { precision: number; scale: number }) {
  const column = customType<{ data: string; driverData: unknown }>({
    dataType: () => `numeric(${precision}, ${scale})`,
    toDriver: (value) => new Bound("decimal", value),
    fromDriver: (value) => (typeof value === "number" ? value.toFixed(scale) : String(value)),
  });
  return column();
}

/** True or false. */
export const boolean = customType<{ data: boolean; driverData: unknown }>({
  dataType: () => "boolean",
  toDriver: (value) => new Bound("boolean", value),
  fromDriver: (value) => value === true || value === 1,
});

/** A whole number that JSON carries exactly. */
export const bigint = customType<{ data: number; driverData: unknown }>({
  dataType: () => "bigint",
  fromDriver: (value) => Number(value),
});

/** Any JSON value but null; `jsonb` on PostgreSQL. */
export const document = customType<{ data: JsonValue; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => new Bound("document", JSON.stringify(value)),
  fromDriver: (value) => JSON.parse(String(value)) as JsonValue,
});

/** Bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: unknown }>({
  dataType: () => "bytea",
  fromDriver: (value) => value as Uint8Array,
});

function hyphenated(text: string): string {
  if (text.length !== 32) return text;
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}
