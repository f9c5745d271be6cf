/** What does not fit, as the schemas find it, in the words of the error envelope. */

import type { core } from "zod";

import type { Detail } from "./errors.ts";

/** The parts of a request, as `field` names them. */
export type Part = "path" | "query" | "header" | "body";

type Issue = core.$ZodIssue;

const TYPES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  string: ["string_type", "Input should be a valid string"],
  int: ["int_type", "Input should be a valid integer"],
  number: ["int_type", "Input should be a valid integer"], // decimals travel as text
  boolean: ["bool_type", "Input should be a valid boolean"],
  array: ["list_type", "Input should be a valid list"],
  object: ["dict_type", "Input should be a valid dictionary"],
};

/** One detail for each thing that does not fit. */
export function detailsOf(part: Part, issues: readonly Issue[]): Detail[] {
  return issues.flatMap((issue) => {
    const place = [part, ...issue.path.map(String)];
    if (issue.code !== "unrecognized_keys") return [{ field: place.join("."), ...wordsFor(issue) }];
    return issue.keys.map((key) => ({
      field: [...place, key].join("."),
      code: "extra_forbidden",
      message: "Extra inputs are not permitted",
    }));
  });
}

function wordsFor(issue: Issue): Omit<Detail, "field"> {
  switch (issue.code) {
    case "invalid_type": {
      if (issue.input === undefined) return { code: "missing", message: "Field required" };
      const [code, message] = TYPES[issue.expected] ?? ["value_error", issue.message];
      return { code, message };
    }
    case "invalid_value": {
      if (issue.input === undefined) return { code: "missing", message: "Field required" };
      const values = issue.values.map((value) => `'${String(value)}'`);
      return { code: "literal_error", message: `Input should be ${listed(values)}` };
    }
    case "too_small":
      return issue.origin === "string"
        ? { code: "string_too_short", message: `String should have at least ${issue.minimum} characters` }
        : { code: "greater_than_equal", message: `Input should be greater than or equal to ${issue.minimum}` };
    case "too_big":
      return issue.origin === "string"
        ? { code: "string_too_long", message: `String should have at most ${issue.maximum} characters` }
        : { code: "less_than_equal", message: `Input should be less than or equal to ${issue.maximum}` };
    case "custom": {
      const code: unknown = issue.params?.["code"];
      if (code === "json_type" && issue.input === undefined) return { code: "missing", message: "Field required" };
      return { code: typeof code === "string" ? code : "value_error", message: issue.message };
    }
    default:
      return { code: "value_error", message: issue.message };
  }
}

function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
