"""The name of an example that nothing can refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

SAFE = re.compile(r"[A-Za-z0-9._-]+\Z")


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every named example whose name holds more than letters, digits, dots, hyphens and underscores."""
    if not SAFE.match(node.key):
        yield ApiHit(f"the name of the example {node.key!r} is not made of letters, digits, '.', '-' and '_'")


RULE = ApiRule(
    id="ex-names",
    family="api",
    check=check,
    claim="Names of examples are made of letters, digits, dots, hyphens and underscores.",
    severity=Severity.LOW,
    why=(
        "Mock servers take the name from a header or a query (Prefer: example=...), generators make names of "
        "files and functions of it, and a component may have no other."
    ),
    unless="The name is only ever shown as a title: the summary is the place for that.",
    profile=Profile.STYLE,
    on=(Kind.EXAMPLE,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {count: {type: integer}}}
              examples: {'No orders!': {value: {count: 0}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {count: {type: integer}}}
              examples: {none: {summary: No orders!, value: {count: 0}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#components-object",),
)
