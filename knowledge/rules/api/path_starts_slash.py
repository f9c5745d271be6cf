"""A path without a slash at its beginning."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path that does not begin with a slash."""
    if not node.key.startswith("/"):
        yield ApiHit(f"{node.key} does not begin with a slash: it is joined to the last word of the server's URL")


RULE = ApiRule(
    id="path-starts-slash",
    family="api",
    check=check,
    claim="Every path begins with a slash.",
    severity=Severity.HIGH,
    why=(
        "The path is appended to the server's URL as it stands: https://api.example.org/v1 and orders make "
        "https://api.example.org/v1orders. The specification does not admit such a key, and parsers refuse it."
    ),
    unless="The key is an extension (x-).",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#paths-object",),
)
