"""A path that ends in a slash, or has an empty segment."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path that has nothing between two slashes, or after the last."""
    if len(node.key) > 1 and (node.key.endswith("/") or "//" in node.key):
        yield ApiHit(f"{node.key} has an empty segment: clients that normalise URLs call another path")


RULE = ApiRule(
    id="path-no-trailing-slash",
    claim="A path has no empty segment and no slash at its end.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "/users and /users/ are different resources to HTTP, the same to people, proxies and many frameworks, "
        "which redirect from one to the other and lose the body on the way."
    ),
    unless="The path is the root, /.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    check=check,
    failing=(
        "openapi: 3.1.0\n"
        "info: {title: Shop, version: 1.0.0}\n"
        "paths:\n"
        "  /orders/:\n"
        "    get: {responses: {'200': {description: Orders.}}}\n"
    ),
    passing=(
        "openapi: 3.1.0\n"
        "info: {title: Shop, version: 1.0.0}\n"
        "paths:\n"
        "  /orders:\n"
        "    get: {responses: {'200': {description: Orders.}}}\n"
    ),
    sources=("https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3",),
)
