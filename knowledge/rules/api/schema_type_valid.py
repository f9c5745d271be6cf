"""A type that the document's version of OpenAPI does not have."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

KNOWN = frozenset({"string", "number", "integer", "boolean", "array", "object"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Types that are unknown, repeated or none, and lists of types before 3.1."""
    found = node.value["type"]
    if isinstance(found, str):
        if found not in KNOWN and not _allowed(found, node, context):
            yield ApiHit(f"there is no type {found}{_before(found, context)}", ("type",), node.key)
    elif not isinstance(found, list) or not found or not all(isinstance(name, str) for name in found):
        yield ApiHit("type is neither a name nor a list of names", ("type",), node.key)
    elif context.version != "3.1":
        yield ApiHit(
            f"OpenAPI {context.version} has no lists of types", ("type",), node.key, _as_nullable(found, context)
        )
    elif len(set(found)) < len(found):
        edits = (Edit("replace", ("type",), list(dict.fromkeys(found))),)
        yield ApiHit("type names one type twice", ("type",), node.key, edits)
    else:
        unknown = [name for name in found if name not in KNOWN and name != "null"]
        if unknown:
            yield ApiHit(f"there is no type {unknown[0]}", ("type",), node.key)


def _allowed(name: str, node: Node, context: ApiContext) -> bool:
    return (name == "null" and context.version == "3.1") or (
        name == "file" and context.version == "2.0" and node.depth < 2
    )


def _before(name: str, context: ApiContext) -> str:
    return f" in OpenAPI {context.version}" if name in ("null", "file") else ""


def _as_nullable(found: list[str], context: ApiContext) -> tuple[Edit, ...]:
    """In 3.0 a type or null is nullable."""
    rest = [name for name in found if name != "null"]
    if context.version != "3.0" or len(rest) != 1 or rest[0] not in KNOWN or len(found) != 2:
        return ()
    return (Edit("replace", ("type",), rest[0]), Edit("add", ("nullable",), True))


RULE = ApiRule(
    id="schema-type-valid",
    claim="A type is one of those that the document's version of OpenAPI has.",
    family="api",
    severity=Severity.HIGH,
    why="Validators refuse the document or ignore the schema, and generators fall back to any or stop.",
    unless="The type is null in 3.1, a list of types in 3.1, or file at the top of a schema in 2.0.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("type",),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        placed: {type: date}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        placed: {type: string, format: date}
        note: {type: [string, 'null']}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#data-types",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1",
        "https://spec.openapis.org/oas/v3.0.4.html#data-types",
    ),
)
