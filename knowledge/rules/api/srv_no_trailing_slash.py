"""A server address that ends in a slash."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Addresses that give two slashes together with a path."""
    url = node.value.get("url")
    if isinstance(url, str) and len(url) > 1 and url.endswith("/"):
        edits = (Edit("replace", ("url",), url.rstrip("/") or "/"),)
        yield ApiHit(f"{url[:80]} ends in a slash: with a path there are two", ("url",), edits=edits)


RULE = ApiRule(
    id="srv-no-trailing-slash",
    claim="Server addresses do not end in a slash.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Paths begin with a slash and are appended as they are: https://host//orders is another resource, which "
        "many servers do not find."
    ),
    unless="The address is / alone.",
    profile=Profile.DEFAULT,
    on=(Kind.SERVER,),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test/'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test'}]
paths: {}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#server-object",),
)
