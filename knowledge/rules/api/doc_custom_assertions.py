"""What the document's own x-architect-assertions demand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Nodes that lack a demanded field, or whose value does not fit the demanded pattern."""
    for demand in context.memo("x-architect-assertions", lambda: demands(context.root)):
        if demand.kind != node.kind:
            continue
        value = node.value.get(demand.field)
        if value is None:
            yield ApiHit(demand.message or f"this {node.kind} has no {demand.field}", subject=demand.field)
        elif demand.pattern is not None and not demand.pattern.fullmatch(str(value)):
            message = demand.message or f"{demand.field} does not fit {demand.pattern.pattern}"
            yield ApiHit(message, (demand.field,), demand.field)


@dataclass(frozen=True, slots=True)
class Demand:
    """One entry of the list."""

    kind: str
    field: str
    pattern: re.Pattern[str] | None
    message: str


def demands(root: Mapping[str, Any]) -> list[Demand]:
    """The entries that can be obeyed: {on: operation, field: x-owner, pattern: '[a-z]+', message: ...}."""
    found = []
    written = root.get(KEY)
    for entry in written if isinstance(written, list) else ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("field"), str):
            continue
        pattern = entry.get("pattern")
        try:
            compiled = re.compile(pattern) if isinstance(pattern, str) else None
        except re.error:
            continue
        found.append(Demand(str(entry.get("on")), entry["field"], compiled, str(entry.get("message", ""))))
    return found


KEY = "x-architect-assertions"


RULE = ApiRule(
    id="doc-custom-assertions",
    claim="The document keeps what its own x-architect-assertions demand.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Every house has rules that no linter knows (an owner for each operation, an audience for each API); "
        "written into the document they are reviewed like all others."
    ),
    unless="The document has no x-architect-assertions.",
    profile=Profile.DEFAULT,
    on=(
        Kind.DOCUMENT,
        Kind.INFO,
        Kind.SERVER,
        Kind.TAG,
        Kind.PATH,
        Kind.OPERATION,
        Kind.PARAMETER,
        Kind.REQUEST_BODY,
        Kind.RESPONSE,
        Kind.HEADER,
        Kind.MEDIA_TYPE,
        Kind.SECURITY_SCHEME,
    ),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-architect-assertions: [{on: operation, field: x-owner, pattern: '[a-z]+'}]
paths:
  /orders:
    get: {responses: {'200': {description: Done.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-architect-assertions: [{on: operation, field: x-owner, pattern: '[a-z]+'}]
paths:
  /orders:
    get: {x-owner: sales, responses: {'200': {description: Done.}}}
""",
    sources=("https://redocly.com/docs/cli/rules/configurable-rules",),
)
