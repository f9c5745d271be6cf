import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { z } from "@hono/zod-openapi";
import type { ZodType } from "zod";

import { uuid7 } from "../src/core/ids.ts";
import { isDay, millisecondsOf, momentAt, momentOf } from "../src/core/moments.ts";
import { detailsOf } from "../src/core/problems.ts";
import { uuidOf } from "../src/core/uuids.ts";
import * as values from "../src/core/values.ts";

describe("values", () => {
  /** What is said of a value, or what was read. */
  function said(schema: ZodType, value: unknown): unknown {
    const read = z.object({ field: schema }).safeParse({ field: value }, { reportInput: true });
    return read.success
      ? read.data.field
      : detailsOf("body", read.error.issues)
          .map(({ code }) => code)
          .join(" ");
  }

  function check(schema: ZodType, expected: readonly (readonly [value: unknown, said: unknown])[]): void {
    for (const [value, words] of expected) assert.deepEqual(said(schema, value), words, JSON.stringify(value));
  }

  test("a text is counted in characters, and holds what databases keep", () => {
    check(values.text(2, 3), [
      ["ab", "ab"],
      ["a", "string_too_short"],
      ["abcd", "string_too_long"],
      ["😀😀😀", "😀😀😀"],
      ["😀", "string_too_short"],
      ["a\0", "string_pattern_mismatch"],
      ["a\ud800", "string_unicode"],
      [1, "string_type"],
      [null, "string_type"],
      [undefined, "missing"],
    ]);
    check(values.email(1, 100), [
      ["a@b.example", "a@b.example"],
      ["a@b", "string_pattern_mismatch"],
      ["a b@c.de", "string_pattern_mismatch"],
    ]);
    check(values.url(1, 100), [
      ["https://a.example/x?y", "https://a.example/x?y"],
      ["javascript:alert(1)", "string_pattern_mismatch"],
      ["https://a:b@c.example", "string_pattern_mismatch"],
    ]);
    check(values.slug(1, 100), [
      ["a-b1", "a-b1"],
      ["a--b", "string_pattern_mismatch"],
      ["A", "string_pattern_mismatch"],
      ["a\n", "string_pattern_mismatch"],
    ]);
    check(values.choice(["a", "b"]), [
      ["a", "a"],
      ["A", "literal_error"],
      [undefined, "missing"],
    ]);
  });

  test("a whole number is one that JSON carries exactly", () => {
    check(values.integer(), [
      [1, 1],
      ["1", "int_type"],
      [1.5, "int_type"],
      [true, "int_type"],
      [2 ** 53, "less_than_equal"],
    ]);
    check(values.integer(1, 5), [
      [0, "greater_than_equal"],
      [6, "less_than_equal"],
    ]);
    check(values.integerText(1, 5), [
      ["3", 3],
      ["+3", 3],
      ["3.0", 3],
      ["0", "greater_than_equal"],
      ["6", "less_than_equal"],
      ["1e0", "int_parsing"],
      ["", "int_parsing"],
      ["٣", "int_parsing"],
    ]);
    check(values.integerText(), [["9007199254740993", "less_than_equal"]]);
  });

  test("true and false are themselves in bodies, and words in query strings", () => {
    check(values.boolean(), [
      [true, true],
      ["true", "bool_type"],
      [1, "bool_type"],
    ]);
    check(values.booleanText(), [
      ["true", true],
      ["1", true],
      ["No", false],
      ["", "bool_parsing"],
      ["2", "bool_parsing"],
    ]);
  });

  test("a decimal keeps the digits it was written with", () => {
    check(values.decimal({ precision: 5, scale: 2, minimum: 0, maximum: 200 }), [
      ["12.50", "12.50"],
      ["007", "007"],
      ["0.5", "0.5"],
      ["1.555", "decimal_max_places"],
      ["1234", "decimal_whole_digits"],
      ["-1", "greater_than_equal"],
      ["200.01", "less_than_equal"],
      ["1e1", "value_error"],
      [".5", "value_error"],
      ["NaN", "value_error"],
      [1.5, "string_type"],
    ]);
    check(values.decimal({ precision: 2, scale: 2 }), [
      ["0.25", "0.25"],
      ["1.25", "decimal_whole_digits"],
    ]);
  });

  test("a moment has its offset, and is kept in UTC with all its digits", () => {
    check(values.moment(), [
      ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z"],
      ["2030-01-31t12:00:00.123456789+02:00", "2030-01-31T10:00:00.123456Z"],
      ["2030-01-31T23:30:00-01:00", "2030-02-01T00:30:00Z"],
      ["2030-01-31T12:00:00.100Z", "2030-01-31T12:00:00.100000Z"],
      ["2030-01-31T12:00:00.000000Z", "2030-01-31T12:00:00Z"],
      ["2030-01-31T12:00:00", "value_error"],
      ["2030-01-31 12:00:00Z", "value_error"],
      ["2030-02-30T12:00:00Z", "datetime_from_date_parsing"],
      ["2030-01-31T24:00:00Z", "value_error"],
      ["0001-01-01T00:00:00+01:00", "value_error"],
      ["9999-12-31T23:59:59-01:00", "value_error"],
      ["0000-01-01T00:00:00Z", "datetime_from_date_parsing"],
      [1893456000, "string_type"],
    ]);
  });

  test("a day is one of the calendar", () => {
    check(values.day(), [
      ["2028-02-29", "2028-02-29"],
      ["2030-02-29", "date_from_datetime_parsing"],
      ["30-01-01", "value_error"],
    ]);
    assert.deepEqual(["2030-01-31", "2030-13-01", "0000-01-01", "2030-1-1"].map(isDay), [true, false, false, false]);
  });

  test("moments of engines and clients are one text", () => {
    for (const [text, moment] of [
      ["2030-01-31 12:00:00.5+00", "2030-01-31T12:00:00.500000Z"],
      ["2030-01-31 12:00:00+05:30", "2030-01-31T06:30:00Z"],
      ["2030-01-31 12:00:00.000000", "2030-01-31T12:00:00Z"],
      ["2030-01-31T12:00Z", "2030-01-31T12:00:00Z"],
    ] as const) {
      assert.equal(momentOf(text), moment);
    }
    for (const text of ["", "now", "2030-02-30T00:00:00Z", "2030-01-01T25:00:00Z", "2030-01-01T00:61:00.000001Z"]) {
      assert.throws(() => momentOf(text), RangeError, text);
    }
    assert.equal(momentAt(1_900_000_000_123), "2030-03-17T17:46:40.123000Z");
    assert.equal(millisecondsOf(momentAt(1_900_000_000_123)), 1_900_000_000_123);
  });

  test("JSON is what every client reads as it was sent", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < values.JSON_DEPTH; depth++) deep = [deep];
    check(values.json(), [
      [{ a: [1, "x", null, true] }, { a: [1, "x", null, true] }],
      [0, 0],
      ["", ""],
      [null, "json_type"],
      [undefined, "missing"],
      ["\0", "value_error"],
      [{ "\0": 1 }, "value_error"],
      [["\udc00"], "value_error"],
      [2 ** 53, "value_error"],
      [1e300, "value_error"],
      [0.1, 0.1],
      [deep, "value_error"],
    ]);
    check(values.jsonOrNull(), [
      [null, null],
      [undefined, "missing"],
      [2 ** 53, "value_error"],
    ]);
  });

  test("a UUID is written in one way", () => {
    const id = uuid7();
    check(values.uuid(), [
      [id, id],
      [id.toUpperCase(), id],
      [id.slice(1), "uuid_parsing"],
      [`${id}\n`, "uuid_parsing"],
      [1, "string_type"],
    ]);
    assert.throws(() => uuidOf("x"), RangeError);
  });

  test("identifiers sort by the time they were made", () => {
    const ids = [1_900_000_000_000, 1_900_000_000_001, 1_900_000_001_000].map((time) => uuid7(time));
    assert.deepEqual([...ids].sort(), ids);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(new Set(Array.from({ length: 1000 }, () => uuid7())).size, 1000);
  });

  test("everything that does not fit is said, with its place", () => {
    const schema = z.strictObject({
      a: values.text(1, 5),
      list: z.array(values.integer()),
      b: values.day().optional(),
    });
    const read = schema.safeParse({ list: [1, "x"], b: "x", c: 1, d: 2 }, { reportInput: true });
    assert.deepEqual(
      detailsOf("body", read.error?.issues ?? []).map(({ field, code }) => `${field} ${code}`),
      [
        "body.a missing",
        "body.list.1 int_type",
        "body.b value_error",
        "body.c extra_forbidden",
        "body.d extra_forbidden",
      ],
    );
  });
});
