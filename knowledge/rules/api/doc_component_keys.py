"""A component with a name that OpenAPI does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Names with other characters than letters, digits, dots, hyphens and underscores."""
    components = node.value.get("components")
    for section, items in components.items() if isinstance(components, Mapping) else ():
        for name in items if isinstance(items, Mapping) and not section.startswith("x-") else ():
            if not ALLOWED.fullmatch(name):
                yield ApiHit(f"{section} cannot have the name {name[:60]!r}", ("components", section, name), name[:60])


ALLOWED = re.compile(r"[a-zA-Z0-9._-]+")


RULE = ApiRule(
    id="doc-component-keys",
    claim="Names of components consist of letters, digits, dots, hyphens and underscores.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "The specification allows nothing else; a space or slash in a name breaks references to it and the class "
        "names made from it."
    ),
    unless="The document is of version 2.0, where definitions may have any name.",
    profile=Profile.DEFAULT,
    on=(Kind.DOCUMENT,),
    documents=("3.0", "3.1"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Order line: {type: object}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    OrderLine: {type: object}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#components-object",),
)
