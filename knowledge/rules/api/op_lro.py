"""An operation that is accepted, and of whose end nobody can learn."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    answers,
    statuses,
)
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile

MONITORS = frozenset({"location", "operation-location", "azure-asyncoperation", "content-location", "link"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every 202 without a header, a link or a body that leads to the outcome."""
    if not own(node):
        return
    for answer in answers(node, context):
        if answer.status != "202" or not answer.value:
            continue
        if MONITORS.isdisjoint(answer.headers) and not answer.content and not answer.value.get("links"):
            if node.method == "get" and len({status for status in statuses(node) if status[0] in "23"}) > 1:
                continue
            if node.value.get("callbacks"):
                continue
            yield answer.hit(f"{node.method} {node.path} answers 202, and nothing says how to learn of the end")


RULE = ApiRule(
    id="op-lro",
    family="api",
    check=check,
    claim="An answer 202 leads to the outcome: by a header, a body, a link or a callback.",
    severity=Severity.LOW,
    why="The client cannot tell success from failure, so it calls again, and the work is done twice.",
    unless="It is a GET that answers otherwise once the result is there, or the outcome concerns nobody.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /exports:
    post: {responses: {'202': {description: Accepted.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /exports:
    post:
      responses:
        '202':
          description: Accepted.
          headers: {Location: {description: Where its state is told., schema: {type: string, format: uri}}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.3",
        "https://opensource.zalando.com/restful-api-guidelines/#253",
        "https://google.aip.dev/151",
    ),
)
