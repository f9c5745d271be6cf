"""An API that does not say what it is."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """info without a description."""
    text = node.value.get("description")
    if not isinstance(text, str) or not text.strip():
        yield ApiHit("info has no description: nothing says what the API is for")


RULE = ApiRule(
    id="info-description",
    claim="The API is described.",
    family="api",
    severity=Severity.LOW,
    why="It is the first thing a reader, a catalogue and an assistant see; without it they guess from the title.",
    unless="There is no exception.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.INFO,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, description: Orders and customers of the shop.}
paths: {}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#info-object",),
)
