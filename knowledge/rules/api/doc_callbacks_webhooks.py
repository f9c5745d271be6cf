"""Callbacks inside callbacks, and servers of what the client offers."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Operations that the API calls: they have no callbacks, and the client's address decides where they are."""
    holder = node.above(Kind.CALLBACK)
    if holder is None:
        return
    if node.value.get("callbacks"):
        yield ApiHit("a callback has no callbacks of its own", ("callbacks",), "callbacks")
    if node.value.get("servers"):
        yield ApiHit("the client's URL decides where it is called; servers mean nothing here", ("servers",), "servers")


RULE = ApiRule(
    id="doc-callbacks-webhooks",
    claim="Callbacks and webhooks have no callbacks and no servers.",
    family="api",
    severity=Severity.LOW,
    why=(
        "The address comes from the client's own request; tools ignore servers there, and none follows a callback "
        "of a callback."
    ),
    unless="The operation is one that the API itself serves.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
webhooks:
  order_paid:
    post:
      servers: [{url: 'https://shop.example.net'}]
      responses: {'204': {description: Taken.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
webhooks:
  order_paid:
    post:
      responses: {'204': {description: Taken.}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#callback-object",
        "https://docs.stoplight.io/docs/spectral/4dec24461f3af-open-api-rules",
    ),
)
