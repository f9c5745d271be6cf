"""A version in the URL where the house forbids it, none where it asks for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import parameter_name
from knowledge.rules.api._templates import is_version, segments
from knowledge.rules.api_rule import ApiRule, Profile

VERSION_NAMES = frozenset({"apiversion", "xapiversion", "version", "acceptversion", "xversion"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Versions in paths and servers, forbidden or demanded by the policy."""
    forbidden = not context.policy.version_in_url
    seen: dict[str, bool] = context.memo("path-version-placement", dict)
    if node.kind is Kind.END:
        if not forbidden and seen.get("server") and not seen.get("versioned"):
            yield ApiHit("no server URL and no path names a version", at=("servers",))
        return
    if node.kind is Kind.PARAMETER:
        if "".join(words(parameter_name(node))).removesuffix("header").endswith(tuple(VERSION_NAMES)):
            seen["versioned"] = True
        return
    if node.kind is Kind.MEDIA_TYPE:
        seen["versioned"] = seen.get("versioned", False) or bool(re.search(r"\bv(ersion=)?[0-9]", node.key))
        return
    url = node.key if node.kind is Kind.PATH else str(node.value.get("url", ""))
    found = [part for part in segments(url) if is_version(part)]
    if node.kind is Kind.SERVER:
        seen["server"] = True
    if found or (node.kind is Kind.SERVER and "{" in url):
        seen["versioned"] = True
    if found and forbidden:
        yield ApiHit(f"{url} holds the version {found[0]}", subject=found[0])


RULE = ApiRule(
    id="path-version-placement",
    family="api",
    check=check,
    claim="The URL names the version of the API; or does not, as the policy says.",
    severity=Severity.LOW,
    why=(
        "Rule sets contradict each other here; what harms clients is an API that does neither: the first change "
        "that breaks them has no place to go."
    ),
    unless="A header, a parameter or the media type carries the version, or no server is declared.",
    profile=Profile.DEFAULT,
    policy="version_in_url",
    on=(Kind.PATH, Kind.SERVER, Kind.PARAMETER, Kind.MEDIA_TYPE, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: https://api.shop.test}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: https://api.shop.test/v1}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#115",
        "https://cloud.ibm.com/docs/api-handbook?topic=api-handbook-versioning",
        "https://google.aip.dev/185",
    ),
)
