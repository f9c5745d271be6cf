"""A server without encryption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Servers whose address begins with http or ws, except on the developer's own machine."""
    url = node.value.get("url")
    if not isinstance(url, str):
        return
    found = PLAIN.match(url)
    if found and not LOCAL.match(url[found.end() :]):
        secure = ("https://" if found[1].lower() == "http" else "wss://") + url[found.end() :]
        yield ApiHit(f"{url[:80]} is not encrypted; offer {secure[:80]}", ("url",))


PLAIN = re.compile(r"(http|ws)://", re.IGNORECASE)
LOCAL = re.compile(
    r"(localhost|127\.\d+\.\d+\.\d+|\[::1\]|host\.docker\.internal|[\w-]+\.localhost)([:/]|$)", re.IGNORECASE
)


RULE = ApiRule(
    id="srv-https-only",
    claim="Every server is reached over TLS.",
    family="api",
    severity=Severity.HIGH,
    why=(
        "Tokens and data sent over plain HTTP can be read and changed on the way; a client generated from the "
        "document sends them there."
    ),
    unless="The address is the developer's own machine.",
    profile=Profile.DEFAULT,
    on=(Kind.SERVER,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'http://api.shop.test'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test'}, {url: 'http://localhost:8000'}]
paths: {}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/",
        "https://www.rfc-editor.org/rfc/rfc9325",
    ),
)
