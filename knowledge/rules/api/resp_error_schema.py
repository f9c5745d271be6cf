"""Errors that do not look like the others, or not like the house's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, fails, is_json, title
from knowledge.rules.api._schema_parts import EVERY, gather
from knowledge.rules.api_rule import ApiRule, Profile

WANTED = {"envelope": "{error: {code, message}}", "problem": "a problem (RFC 9457)"}


@dataclass(slots=True)
class _Shape:
    """One schema that errors have."""

    schema: Any
    name: str
    place: tuple[str | int, ...]
    """Where it is first used."""
    count: int = 0


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Schemas of errors, each once, that are not as the policy says, or that few errors have."""
    shapes: dict[str, _Shape] = context.memo("resp-error-schema", dict)
    if node.kind is Kind.END:
        yield from _judge(list(shapes.values()), context)
        return
    if called(node) or node.method == "head":
        return
    for answer in answers(node, context):
        if not fails(answer.status):
            continue
        for media_type, media in answer.content.items():
            schema = media.get("schema") if is_json(media_type) and isinstance(media, Mapping) else None
            if isinstance(schema, Mapping) and schema:
                key = json.dumps(schema, sort_keys=True, default=str)
                place = (*node.pointer, "responses", answer.status)
                first = _Shape(schema, _name(schema) or f"{title(node)} {answer.status}", place)
                shapes.setdefault(key, first).count += 1


def _name(schema: Mapping[str, Any]) -> str:
    reference = schema.get("$ref")
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def _judge(shapes: list[_Shape], context: ApiContext) -> Iterator[ApiHit]:
    policy = context.policy.error_format
    total = sum(shape.count for shape in shapes)
    if policy in WANTED:
        for shape in shapes:
            if not _fits(shape.schema, policy, context):
                message = f"the error {shape.name} ({shape.count} of {total} answers) is not {WANTED[policy]}"
                yield ApiHit(message, subject=shape.name, at=shape.place)
    elif len(shapes) > 1:
        usual = max(shapes, key=lambda shape: shape.count)
        for shape in shapes:
            if shape is not usual:
                message = f"the error {shape.name} ({shape.count} of {total} answers) is another than {usual.name}"
                yield ApiHit(message, subject=shape.name, at=shape.place)


def _fits(schema: Any, policy: str, context: ApiContext) -> bool:
    whole = gather(schema, context, EVERY)
    if not whole.complete:
        return True
    if policy == "problem":
        return "title" in whole.properties and ("type" in whole.properties or "status" in whole.properties)
    inner = gather(whole.properties.get("error"), context, EVERY)
    return not inner.complete or {"code", "message"} <= inner.properties.keys()


RULE = ApiRule(
    id="resp-error-schema",
    claim="All errors have one schema: the one that the policy demands, or the same everywhere.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Clients handle errors in one place: it can only read the code and the message "
        "where they are the same in every answer."
    ),
    unless=(
        "The body is not JSON. error_format is envelope ({error: {code, message, details}}), problem (RFC 9457), "
        "or any, where all errors only need to be alike."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION, Kind.END),
    policy="error_format",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '404':
          description: No such shop.
          content:
            application/json:
              schema:
                type: object
                properties:
                  reason: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '404':
          description: No such shop.
          content:
            application/json:
              schema:
                type: object
                required: [error]
                properties:
                  error:
                    type: object
                    required: [code, message]
                    properties:
                      code: {type: string}
                      message: {type: string}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9457",
        "https://google.aip.dev/193",
        "https://opensource.zalando.com/restful-api-guidelines/#176",
    ),
)
