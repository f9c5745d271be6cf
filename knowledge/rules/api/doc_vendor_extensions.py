"""An extension with a reserved name, or one that the house does not use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Names that begin with x-oai- or x-oas-, and with the setting ``extensions`` all that do not fit it."""
    allowed = context.policy.extra.get("extensions", "")
    for name in node.value:
        if not name.startswith("x-"):
            continue
        if name.startswith(RESERVED):
            yield ApiHit(f"{name[:60]} is reserved for the OpenAPI Initiative", (name,), name[:60])
        elif allowed and not name.startswith("x-architect-") and not re.fullmatch(allowed, name):
            yield ApiHit(f"{name[:60]} is none of the house's extensions ({allowed})", (name,), name[:60])


RESERVED = ("x-oai-", "x-oas-")


RULE = ApiRule(
    id="doc-vendor-extensions",
    claim="Extensions have names that are free to use, and those that the house agreed on.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Names beginning with x-oai- and x-oas- are reserved and may get a meaning; an extension that nobody else "
        "in the house knows is read by nothing."
    ),
    unless="It is one the OpenAPI Initiative's own registry defines.",
    profile=Profile.DEFAULT,
    on=(
        Kind.DOCUMENT,
        Kind.INFO,
        Kind.SERVER,
        Kind.TAG,
        Kind.PATH,
        Kind.CALLBACK,
        Kind.OPERATION,
        Kind.PARAMETER,
        Kind.REQUEST_BODY,
        Kind.RESPONSE,
        Kind.HEADER,
        Kind.MEDIA_TYPE,
        Kind.SCHEMA,
        Kind.EXAMPLE,
        Kind.SECURITY_SCHEME,
        Kind.LINK,
    ),
    policy="extra",
    keywords=("x-*",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-oas-draft: true
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
x-shop-draft: true
paths: {}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#specification-extensions",
        "https://spec.openapis.org/registry/extension/",
    ),
)
