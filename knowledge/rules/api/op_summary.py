"""An operation without a summary, or with one that is none."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile

MOST = 120


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation whose summary is missing, longer than a line or spread over several."""
    if not own(node):
        return
    text = node.value.get("summary")
    name = f"{node.method} {node.path}"
    if not isinstance(text, str) or not text.strip():
        yield ApiHit(f"{name} has no summary")
    elif len(text) > MOST:
        yield ApiHit(f"the summary of {name} has {len(text)} characters, more than {MOST}", ("summary",))
    elif "\n" in text.strip():
        yield ApiHit(f"the summary of {name} is longer than one line", ("summary",))


RULE = ApiRule(
    id="op-summary",
    family="api",
    check=check,
    claim="Every operation has a summary of one line, of at most 120 characters.",
    severity=Severity.LOW,
    why="The summary is what lists of operations show; without it people choose by method and path, and guess.",
    unless="It is an operation of a callback or a webhook.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {summary: List orders, responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#operation-object",),
)
