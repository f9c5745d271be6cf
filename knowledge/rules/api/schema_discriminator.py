"""A discriminator that does not tell what is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_parts import gather
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Discriminators without a property, whose property is not defined and required, or that map to nothing."""
    found = node.value["discriminator"]
    name = found.get("propertyName") if isinstance(found, Mapping) else found
    if not isinstance(name, str) or (isinstance(found, str) and context.version != "2.0"):
        yield ApiHit("the discriminator names no property (propertyName)", ("discriminator",), node.key)
        return
    branches = _branches(node.value)
    lenient = isinstance(found, Mapping) and "defaultMapping" in found
    if branches:
        for keyword, index, branch in branches:
            said = _lacks(branch, name, context, lenient=lenient)
            if said and _lacks(node.value, name, context, lenient=lenient):
                yield ApiHit(f"{_title(branch, index)} does not {said} {name}", (keyword, index), name)
    else:
        said = _lacks(node.value, name, context, lenient=lenient)
        if said:
            yield ApiHit(f"the schema does not {said} its discriminator {name}", ("discriminator",), name)
    yield from _mapping(found, context)


def _branches(schema: Mapping[str, Any]) -> list[tuple[str, int, Any]]:
    return [
        (keyword, index, branch)
        for keyword in ("oneOf", "anyOf")
        for index, branch in enumerate(schema[keyword] if isinstance(schema.get(keyword), list) else ())
        if not (isinstance(branch, Mapping) and branch.get("type") == "null")
    ]


def _lacks(schema: Any, name: str, context: ApiContext, *, lenient: bool) -> str:
    """What a schema should do with the property and does not: ``define`` or ``require``."""
    resolved = context.resolve(schema)
    if not isinstance(resolved, Mapping) or not resolved:
        return ""
    whole = gather(resolved, context)
    if not whole.complete or _composed(resolved, context):
        return ""
    if name not in whole.properties:
        return "define"
    return "" if lenient or name in whole.required else "require"


def _composed(schema: Mapping[str, Any], context: ApiContext) -> bool:
    """Whether alternatives within the schema may define what it does not."""
    parts = schema.get("allOf")
    inner = [context.resolve(part) for part in parts] if isinstance(parts, list) else []
    return any(isinstance(part, Mapping) and ("oneOf" in part or "anyOf" in part) for part in (schema, *inner)) and (
        "discriminator" not in schema
    )


def _title(branch: Any, index: int) -> str:
    reference = branch.get("$ref") if isinstance(branch, Mapping) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else f"alternative {index + 1}"


def _mapping(found: Any, context: ApiContext) -> Iterator[ApiHit]:
    mapping = found.get("mapping") if isinstance(found, Mapping) else None
    for value, target in mapping.items() if isinstance(mapping, Mapping) else ():
        if not isinstance(target, str):
            yield ApiHit(f"{value} is mapped to what is no text", ("discriminator", "mapping", value), str(value))
        elif target.startswith("#/") and context.at(target) is None:
            yield ApiHit(
                f"{value} is mapped to {target}, which is nothing", ("discriminator", "mapping", value), str(value)
            )
        elif NAME.fullmatch(target) and target not in context.schemas and not target.endswith(FILES):
            message = f"{value} is mapped to {target}, but no schema has that name"
            yield ApiHit(message, ("discriminator", "mapping", value), str(value))


NAME = re.compile(r"[A-Za-z0-9._-]+")
FILES = (".json", ".yaml", ".yml")


RULE = ApiRule(
    id="schema-discriminator",
    claim=(
        "A discriminator names a property that every alternative defines and requires, and maps to schemas that exist."
    ),
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Clients choose the class to read an answer into by this property: where it may be missing or maps to "
        "nothing, reading fails."
    ),
    unless=(
        "Another part of the composition defines the property, a reference leads out of what was read, or "
        "3.2's defaultMapping says what its absence means."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("discriminator",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Payment:
      oneOf:
        - {$ref: '#/components/schemas/Card'}
      discriminator: {propertyName: kind}
    Card:
      type: object
      properties:
        kind: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Payment:
      oneOf:
        - {$ref: '#/components/schemas/Card'}
      discriminator: {propertyName: kind}
    Card:
      type: object
      required: [kind]
      properties:
        kind: {type: string}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#discriminator-object",
        "https://spec.openapis.org/oas/v3.0.4.html#discriminator-object",
    ),
)
