"""Two components whose names become one in code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._usage import declared
from knowledge.rules.api_rule import ApiRule, Profile


def check(_node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Names of one kind that differ only in case and separators, and names of other files that are taken here."""
    for section, names in declared(context):
        seen: dict[str, str] = {}
        for name, pointer in names:
            other = seen.setdefault(SEPARATORS.sub("", name).lower(), name)
            if other != name:
                yield ApiHit(f"{name} and {other} of {section} become the same name in code", subject=name, at=pointer)


SEPARATORS = re.compile(r"[-_. ]")


RULE = ApiRule(
    id="doc-component-name-unique",
    claim="No two components of a kind have names that differ only in case or separators.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Generators turn user_id and UserId into the same class: one of the two is lost, or is called UserId1 in "
        "one language only."
    ),
    unless="The two are used by different generators' outputs on purpose.",
    profile=Profile.STYLE,
    on=(Kind.END,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    OrderLine: {type: object}
    order_line: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    OrderLine: {type: object}
    OrderLineNumber: {type: string}
""",
    sources=("https://redocly.com/docs/cli/rules/oas/component-name-unique",),
)
