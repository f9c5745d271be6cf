"""A beginning that all paths share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """A common first segment of all paths, which belongs into the server's address."""
    paths = node.value.get("paths")
    names = [name for name in paths if not name.startswith("x-")] if isinstance(paths, Mapping) else []
    if len(names) < FEWEST:
        return
    firsts = {name.split("/")[1] if name.startswith("/") else "" for name in names}
    if len(firsts) == 1 and all(name.count("/") > 1 for name in names):
        (first,) = firsts
        is_version = re.fullmatch(r"v\d+", first) is not None
        if first and "{" not in first and not (is_version and context.policy.version_in_url):
            yield ApiHit(f"every path begins with /{first}: it belongs into the server's address", ("paths",), first)


FEWEST = 3


RULE = ApiRule(
    id="srv-base-path",
    claim="What all paths begin with stands in the server's address.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Each path is read and typed with the same beginning; moving the API to another prefix then changes every "
        "path instead of one line."
    ),
    unless=(
        "There are fewer than three paths, or the common beginning is a version and the house has versions in paths."
    ),
    profile=Profile.STYLE,
    on=(Kind.DOCUMENT,),
    policy="version_in_url",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /shop/orders: {get: {responses: {'200': {description: Done.}}}}
  /shop/items: {get: {responses: {'200': {description: Done.}}}}
  /shop/users: {get: {responses: {'200': {description: Done.}}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test/shop'}]
paths:
  /orders: {get: {responses: {'200': {description: Done.}}}}
  /items: {get: {responses: {'200': {description: Done.}}}}
  /users: {get: {responses: {'200': {description: Done.}}}}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#135",),
)
