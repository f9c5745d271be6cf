"""Characters that no URL may hold, or braces without a partner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

UNSAFE = re.compile(r"""[^A-Za-z0-9\-._~:@!$&'()*+,;=/{}%?#]""")
ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path with a character outside of RFC 3986's pchar, a stray percent sign or a stray brace."""
    bare = re.sub(r"\{[^{}/]*\}", "", node.key)
    unsafe = UNSAFE.search(bare)
    if unsafe:
        yield ApiHit(f"{node.key} holds {unsafe.group()!r}, which no URL may hold unescaped")
    elif "{" in bare or "}" in bare:
        yield ApiHit(f"{node.key} has a brace without a partner in its segment")
    elif ESCAPED.search(bare):
        yield ApiHit(f"{node.key} has a percent sign that escapes nothing")


RULE = ApiRule(
    id="path-characters",
    family="api",
    check=check,
    claim="A path holds only characters that a URL may hold, and every brace has its partner in the same segment.",
    severity=Severity.MEDIUM,
    why=(
        "Some clients escape such characters, some send them, some refuse the URL: the same call reaches "
        "different paths, or none."
    ),
    unless="It stands percent-encoded (RFC 3986 section 2.1), or in the name of a variable.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /open orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /open-orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc3986#section-3.3",
        "https://spec.openapis.org/oas/v3.1.1.html#path-templating",
    ),
)
