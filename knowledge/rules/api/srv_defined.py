"""An API that does not say where it is."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Documents with paths and without a server; of 2.0 without a host."""
    if not node.value.get("paths"):
        return
    servers = node.value.get("servers")
    if context.version == "2.0":
        if not context.raw.get("host"):
            yield ApiHit("the document has no host: no client can be generated that knows where to call")
    elif not isinstance(servers, list) or not servers:
        yield ApiHit("the document has no servers: every client has to be told where to call", subject="servers")


RULE = ApiRule(
    id="srv-defined",
    claim="The document says where the API is served.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Without servers the address is /, relative to wherever the document lies: generated clients and consoles "
        "call the wrong host."
    ),
    unless=(
        "The document has no paths, or is served by the API itself and its address is meant to be relative (then "
        "say servers: [{url: /}])."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.DOCUMENT,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Done.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test'}]
paths:
  /orders:
    get: {responses: {'200': {description: Done.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#server-object",),
)
