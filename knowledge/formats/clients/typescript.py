"""A client in TypeScript on top of ``fetch``: no dependency, for browsers, Node and workers alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from knowledge.blueprint.model import Blueprint
from knowledge.formats.clients.calls import Argument, ClientCall, camel, client_calls, referred
from knowledge.formats.openapi.write import openapi

HEAD: Final = """\
/** A typed client of {title}. Every call answers with `data` and `meta` as the API sends them, or throws ApiError. */

export interface ErrorDetail {{
  field: string;
  code: string;
  message: string;
}}

/** What the API refused, and why. `code` is stable; `message` is for people. */
export class ApiError extends Error {{
  readonly status: number;
  readonly code: string;
  readonly details: ErrorDetail[];
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, details: ErrorDetail[], retryAfter?: number) {{
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }}

  /** Whether the same request may succeed later. */
  get retryable(): boolean {{
    return this.status === 429 || this.status === 503;
  }}
}}

export interface ClientOptions {{
  baseUrl: string;
  /** The access token, or a function that gives the current one. */
  token?: string | (() => string | Promise<string>);
  fetch?: typeof fetch;
}}

type Value = string | number | boolean | undefined;

interface Sent {{
  query?: Record<string, Value>;
  headers?: Record<string, string | undefined>;
  body?: unknown;
}}

export class Client {{
  private readonly options: ClientOptions;

  constructor(options: ClientOptions) {{
    this.options = options;
  }}

  private async send<T>(method: string, path: string, sent: Sent = {{}}): Promise<T> {{
    const url = new URL(path, this.options.baseUrl);
    for (const [name, value] of Object.entries(sent.query ?? {{}})) {{
      if (value !== undefined) url.searchParams.set(name, String(value));
    }}
    const headers = new Headers({{ accept: "application/json" }});
    for (const [name, value] of Object.entries(sent.headers ?? {{}})) {{
      if (value !== undefined) headers.set(name, value);
    }}
    const token = typeof this.options.token === "function" ? await this.options.token() : this.options.token;
    if (token) headers.set("authorization", `Bearer ${{token}}`);
    const init: RequestInit = {{ method, headers }};
    if (sent.body !== undefined) {{
      headers.set("content-type", "application/json");
      init.body = JSON.stringify(sent.body);
    }}
    const answer = await (this.options.fetch ?? fetch)(url, init);
    if (answer.status === 204) return undefined as T;
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text) as T;
    throw refusal(answer, text);
  }}
"""
TAIL: Final = """\
}

function refusal(answer: Response, text: string): ApiError {
  const wait = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isNaN(wait) ? undefined : wait;
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; details: ErrorDetail[] } };
    return new ApiError(answer.status, error.code, error.message, error.details, retryAfter);
  } catch {
    return new ApiError(answer.status, "HTTP_ERROR", `the server answered ${answer.status}`, [], retryAfter);
  }
}
"""
OWN: Final = frozenset({"ErrorDetail", "ErrorEnvelope", "Problem"})
"""Schemas that the head has in its own way."""


def write_typescript_client(blueprint: Blueprint) -> dict[str, str]:
    """``client.ts``: an interface for each schema and a class with a method for each operation."""
    document = openapi(blueprint)
    lines = [HEAD.format(title=blueprint.name).rstrip()]
    for call in client_calls(document):
        lines += ["", *_method(call)]
    lines.append(TAIL.rstrip())
    for call in client_calls(document):
        lines += _options_interface(call)
    for name, schema in document["components"]["schemas"].items():
        if name not in OWN:
            lines += ["", *_interface(name, schema)]
    return {"client.ts": "\n".join(lines) + "\n"}


def _interface(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("description"):
        yield _comment(schema["description"])
    fields, required = schema.get("properties", {}), schema.get("required", [])
    if not fields:
        yield f"export type {name} = Record<string, never>;"
        return
    yield f"export interface {name} {{"
    for field, value in fields.items():
        if value.get("description"):
            yield f"  {_comment(value['description'])}"
        mark = "" if field in required else "?"
        yield f"  {field}{mark}: {typescript_type(value)}{'' if field in required else ' | undefined'};"
    yield "}"


def typescript_type(schema: Mapping[str, Any]) -> str:
    """The type of a value. Moments, days, decimals and UUIDs are strings, as they travel."""
    if name := referred(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(typescript_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return "unknown"
    if kind == "array":
        inner = typescript_type(schema["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    return {"integer": "number", "null": "null"}.get(str(kind), str(kind))


def _options_name(call: ClientCall) -> str:
    name = camel(call.id)
    return f"{name[:1].upper()}{name[1:]}Options"


def _options_interface(call: ClientCall) -> Iterator[str]:
    options = (*call.of("query"), *call.of("header"))
    if not options:
        return
    yield ""
    yield f"export interface {_options_name(call)} {{"
    for each in options:
        if each.description:
            yield f"  {_comment(each.description)}"
        yield f"  {_option(each)};"
    yield "}"


def _method(call: ClientCall) -> Iterator[str]:
    name, answer = camel(call.id), call.answer or "void"
    yield f"  {_comment(call.summary)}"
    yield f"  async {name}({', '.join(_parameters(call))}): Promise<{answer}> {{"
    sent = ", ".join(_sent(call))
    argument = f", {{ {sent} }}" if sent else ""
    yield f'    return this.send<{answer}>("{call.method}", {_path(call)}{argument});'
    yield "  }"
    if call.pages == "cursor":
        yield from _walk(call, name)


def _walk(call: ClientCall, name: str) -> Iterator[str]:
    path = [camel(each.name) for each in call.of("path")]
    row = call.answer.removesuffix("Slice")
    yield ""
    yield f"  /** Every row of {name}, page after page. */"
    yield f"  async *{name}All({', '.join(_parameters(call))}): AsyncGenerator<{row}> {{"
    yield "    let cursor = options.cursor;"
    yield "    do {"
    given = ", ".join([*path, "cursor === undefined ? options : { ...options, cursor }"])
    yield f"      const page = await this.{name}({given});"
    yield "      yield* page.data;"
    yield "      cursor = page.meta.next_cursor ?? undefined;"
    yield "    } while (cursor !== undefined);"
    yield "  }"


def _parameters(call: ClientCall) -> Iterator[str]:
    for each in call.of("path"):
        yield f"{camel(each.name)}: string"
    if call.body:
        yield f"body: {call.body}"
    options = (*call.of("query"), *call.of("header"))
    if options:
        default = "" if any(each.required for each in options) else " = {}"
        yield f"options: {_options_name(call)}{default}"


def _option(argument: Argument) -> str:
    kind = typescript_type(argument.schema)
    name = camel(argument.name)
    return f"{name}: {kind}" if argument.required else f"{name}?: {kind} | undefined"


def _sent(call: ClientCall) -> Iterator[str]:
    if queries := call.of("query"):
        yield f"query: {{ {', '.join(f'{each.name}: options.{camel(each.name)}' for each in queries)} }}"
    if headers := call.of("header"):
        listed = (f'"{each.name.lower()}": options.{camel(each.name)}' for each in headers)
        yield f"headers: {{ {', '.join(listed)} }}"
    if call.body:
        yield "body"


def _path(call: ClientCall) -> str:
    path = call.path
    for each in call.of("path"):
        path = path.replace(f"{{{each.name}}}", f"${{encodeURIComponent({camel(each.name)})}}")
    return f"`{path}`" if "${" in path else f'"{path}"'


def _comment(text: str) -> str:
    safe = " ".join(text.split()).replace("*/", "* /")
    return f"/** {safe} */"
