"""A condition on the clock where one on the version is not offered."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    parameters,
)
from knowledge.rules.api_rule import ApiRule, Profile

BY_DATE = {"if-modified-since": "if-none-match", "if-unmodified-since": "if-match"}


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every operation that takes a date-based condition without the one by ETag."""
    found = {str(value.get("name")).lower() for value in parameters(node, context) if value.get("in") == "header"}
    for by_date, by_tag in BY_DATE.items():
        if by_date in found and by_tag not in found:
            yield ApiHit(f"{node.method} {node.path} takes {by_date} but not {by_tag}", subject=by_date)


RULE = ApiRule(
    id="param-prefer-etag",
    family="api",
    check=check,
    claim="Where a date-based condition is taken, the one by ETag is taken as well.",
    severity=Severity.LOW,
    why=(
        "HTTP dates have whole seconds: of two changes in one second the second is lost, and clocks differ. "
        "An entity tag is exact."
    ),
    unless="The resource changes seldom and nobody writes it through the API.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: If-Modified-Since, in: header, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: If-None-Match, in: header, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-13.1",
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
    ),
)
