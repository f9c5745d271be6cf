"""An operation without a response for what nobody foresaw."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, statuses
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Operations with neither a default response nor the ranges 4XX and 5XX."""
    names = statuses(node)
    if not called(node) and "default" not in names and not {"4XX", "5XX"} <= set(names):
        yield ApiHit(f"{node.method.upper()} {node.path} has no default response for other errors", ("responses",))


RULE = ApiRule(
    id="resp-default-error",
    claim="Every operation declares a default response that describes all other errors.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Proxies, limits and outages answer with statuses nobody listed; without a default, clients have no "
        "type to read them with."
    ),
    unless="Both ranges 4XX and 5XX are declared, or the API itself is the caller.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        default: {description: Any error.}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#responses-object",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
