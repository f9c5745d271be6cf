"""Values of one list in different cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

STYLES = {
    "upper": re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"),
    "snake": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"),
    "kebab": re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    "camel": re.compile(r"[a-z][a-zA-Z0-9]*"),
    "pascal": re.compile(r"[A-Z][a-zA-Z0-9]*"),
}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Z][a-z]{3})?([-_]([A-Z]{2}|[0-9]{3}))?")
"""A language tag (RFC 5646), with either sign between its parts."""


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Enums of words that no one case fits, or not the one the policy names."""
    listed = node.value.get("enum")
    words = [item for item in listed if item is not None] if isinstance(listed, list) else []
    if len(words) < 2 or not all(isinstance(word, str) and WORD.fullmatch(word) for word in words):
        return
    if all(LANGUAGE.fullmatch(word) for word in words):
        return
    house = context.policy.extra.get("enum_case", "")
    wanted = {house: STYLES[house]} if house in STYLES else STYLES
    if not any(all(style.fullmatch(word) for word in words) for style in wanted.values()):
        first = next((word for word in words if not STYLES[house].fullmatch(word)), "") if house in STYLES else ""
        said = f"{first} is not in {house} case" if first else f"{words[0]} and {_other(words)} are in different cases"
        yield ApiHit(said, ("enum",), node.key)


def _other(words: list[str]) -> str:
    fitting = [style for style in STYLES.values() if style.fullmatch(words[0])]
    return next((word for word in words if not any(style.fullmatch(word) for style in fitting)), words[-1])


RULE = ApiRule(
    id="schema-enum-case",
    claim="The values of one enum are written in one case.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients compare values letter by letter; a list of mixed cases invites the wrong one, and constants "
        "made from it collide."
    ),
    unless=(
        "A value is no word (a number, a date, a unit, a language tag). The policy's enum_case demands one "
        "case everywhere."
    ),
    profile=Profile.STYLE,
    on=(Kind.SCHEMA,),
    keywords=("enum",),
    policy="extra",
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
        status: {type: string, enum: [open, PAID]}
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
        status: {type: string, enum: [open, paid]}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#240",
        "https://google.aip.dev/126",
    ),
)
