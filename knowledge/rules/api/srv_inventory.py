"""A server that does not say what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Servers without a description, and beside others without the mark of an inventory."""
    if context.version == "2.0":
        return
    text = node.value.get("description")
    if not isinstance(text, str) or not text.strip():
        yield ApiHit(f"{str(node.value.get('url'))[:80]} does not say which environment it is", subject="description")
    elif "x-internal" not in node.value:
        yield ApiHit(
            f"{str(node.value.get('url'))[:80]} does not say with x-internal who may reach it", subject="x-internal"
        )


RULE = ApiRule(
    id="srv-inventory",
    claim="Every server says which environment it is, and with x-internal whether it is open to strangers.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Forgotten test systems with real data are among the commonest ways in; an inventory begins with every "
        "address saying what it is."
    ),
    unless="The document is of version 2.0, which has one host.",
    profile=Profile.HARDENING,
    on=(Kind.SERVER,),
    documents=("3.0", "3.1"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test', description: Production., x-internal: false}]
paths: {}
""",
    sources=("https://owasp.org/API-Security/editions/2023/en/0xa9-improper-inventory-management/",),
)
