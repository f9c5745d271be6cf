"""An operation that does not say what it answers when all goes well."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import statuses, title
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation without a response of the classes 1xx to 3xx."""
    names = statuses(node)
    if any(name[:1] in "123" for name in names):
        return
    said = "declares no response" if not names else f"declares only {', '.join(names)}"
    yield ApiHit(f"{title(node)} {said}: what a success looks like is not said", ("responses",))


RULE = ApiRule(
    id="resp-success",
    claim="Every operation declares what it answers when it succeeds.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Generated clients return nothing, or treat the answer as an error, when only errors or a default are declared."
    ),
    unless="A response of the classes 1xx, 2xx or 3xx is declared, ranges such as 2XX included.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '404': {description: No such shop.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '404': {description: No such shop.}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#responses-object",),
)
