"""An example's address left in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Servers at example.com and its like."""
    url = node.value.get("url")
    if isinstance(url, str) and RESERVED.search(url):
        yield ApiHit(f"{url[:80]} is reserved for examples: nothing answers there", ("url",))


RESERVED = re.compile(r"//(?:[\w.-]*\.)?example(?:\.(?:com|net|org))?(?:[:/]|$)", re.IGNORECASE)


RULE = ApiRule(
    id="srv-no-example-host",
    claim="No server is one of the addresses reserved for examples.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "example.com belongs to nobody's API: clients generated from the document call a stranger's host, with "
        "their tokens."
    ),
    unless="There is no exception.",
    profile=Profile.DEFAULT,
    on=(Kind.SERVER,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.example.com/v1'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://api.shop.test/v1'}]
paths: {}
""",
    sources=("https://www.rfc-editor.org/rfc/rfc2606",),
)
