"""Properties that are not written the way the others are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

SHAPES = {
    "snake": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"),
    "camel": re.compile(r"[a-z][a-zA-Z0-9]*"),
    "pascal": re.compile(r"[A-Z][a-zA-Z0-9]*"),
    "kebab": re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*"),
}
SHOWN = 3


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Properties in another case than the policy's; a document that has another case throughout is one hit."""
    tally: _Tally = context.memo("name-property-case", _Tally)
    if node.kind is Kind.END:
        yield from _judge(tally, context.policy.property_case)
        return
    properties = node.value["properties"]
    for name in properties if isinstance(properties, Mapping) else ():
        fitting = tally.shapes.get(name)
        if fitting is None:
            fitting = tally.shapes[name] = _fitting(name)
        if fitting != EITHER:
            tally.places.append((node, name))
        for shape in fitting:
            tally.counts[shape] += 1
        tally.total += 1


class _Tally:
    """What the properties of one document are called."""

    def __init__(self) -> None:
        self.shapes: dict[str, tuple[str, ...]] = {}
        self.counts = dict.fromkeys(SHAPES, 0)
        self.places: list[tuple[Node, str]] = []
        self.total = 0


EITHER = tuple(SHAPES)
SIGNS = re.compile(r"[A-Za-z0-9_-]+")


def _fitting(name: str) -> tuple[str, ...]:
    """The cases that a name is in; what is one small word, or none (``@id``, ``_links``, ``+1``), is in all of them."""
    if not name[:1].isalpha() or not SIGNS.fullmatch(name) or (name.isalnum() and name.islower()):
        return EITHER
    return tuple(shape for shape, pattern in SHAPES.items() if pattern.fullmatch(name))


def _judge(tally: _Tally, policy: str) -> Iterator[ApiHit]:
    usual = max(SHAPES, key=lambda shape: tally.counts[shape])
    wanted = usual if policy == "auto" else policy
    if wanted not in SHAPES or not tally.total:
        return
    wrong = [(node, name) for node, name in tally.places if wanted not in tally.shapes[name]]
    if usual != wanted and tally.counts[usual] - tally.counts[wanted] > max(SHOWN, len(tally.places) // 2):
        named = ", ".join(dict.fromkeys(name for _, name in wrong[:SHOWN]))
        node, name = wrong[0]
        message = f"properties are in {usual} case throughout ({named}), the policy wants {wanted} case"
        yield ApiHit(message, subject=name, at=(*node.pointer, "properties", name))
        return
    for node, name in wrong:
        yield ApiHit(f"{name} is not in {wanted} case", subject=name, at=(*node.pointer, "properties", name))


RULE = ApiRule(
    id="name-property-case",
    claim="Names of properties are in the case that the policy demands.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Client developers write names from memory: in a mixed contract every second one is wrong, and "
        "undefined is what they get."
    ),
    unless=(
        "The name is no word, such as @id or _links. property_case is snake, camel, auto (what most have) or "
        "any; a document that has the other case throughout is reported once."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("properties",),
    policy="property_case",
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
        created_at: {type: string, format: date-time}
        paidBy: {type: string}
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
        created_at: {type: string, format: date-time}
        paid_by: {type: string}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#118",
        "https://google.aip.dev/140",
    ),
)
