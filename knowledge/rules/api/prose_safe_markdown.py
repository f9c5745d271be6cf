"""A description that carries a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Descriptions, summaries and titles with script elements, event handlers or eval."""
    for name in ("description", "summary", "title"):
        text = node.value.get(name)
        if isinstance(text, str) and ("<" in text or "(" in text):
            found = UNSAFE.search(text)
            if found:
                yield ApiHit(f"the {name} holds {found[0].strip()[:30]!r}, which a page may run", (name,), name)


UNSAFE = re.compile(r"<script\b|\beval\s*\(|<[a-z][^>]{0,200}\son[a-z]+\s*=|\(\s*javascript:|<iframe\b", re.IGNORECASE)


RULE = ApiRule(
    id="prose-safe-markdown",
    claim="No description holds what a page could run.",
    family="api",
    severity=Severity.HIGH,
    why=(
        "Documentation renders descriptions as HTML: a script in a contract from elsewhere runs in the reader's "
        "browser, signed in as the reader."
    ),
    unless=(
        "The text only shows code, in backticks, and every renderer in use is known to escape it; then allow it "
        "with that reason."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.INFO,
        Kind.TAG,
        Kind.PATH,
        Kind.OPERATION,
        Kind.PARAMETER,
        Kind.REQUEST_BODY,
        Kind.RESPONSE,
        Kind.HEADER,
        Kind.SCHEMA,
        Kind.EXAMPLE,
        Kind.SECURITY_SCHEME,
        Kind.SERVER,
        Kind.LINK,
    ),
    keywords=("description", "title"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, description: 'Orders. <script>alert(1)</script>'}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, description: 'Orders, <b>all</b> of them.'}
paths: {}
""",
    sources=(
        "https://owasp.org/www-community/attacks/xss/",
        "https://spec.openapis.org/oas/v3.1.1.html#rich-text-formatting",
    ),
)
