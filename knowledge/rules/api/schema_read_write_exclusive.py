"""A property that may be neither sent nor answered."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Schemas that are readOnly and writeOnly at once."""
    if node.value.get("readOnly") is True and node.value.get("writeOnly") is True:
        yield ApiHit("readOnly and writeOnly exclude each other: the property never travels", ("writeOnly",), node.key)


RULE = ApiRule(
    id="schema-read-write-exclusive",
    claim="A schema is not readOnly and writeOnly at once.",
    family="api",
    severity=Severity.MEDIUM,
    why=("A readOnly property is never sent and a writeOnly one never answered: generators drop it from both sides."),
    unless="One of them is false.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("writeOnly",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    User:
      type: object
      properties:
        password: {type: string, readOnly: true, writeOnly: true}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    User:
      type: object
      properties:
        password: {type: string, writeOnly: true}
""",
    sources=("https://spec.openapis.org/oas/v3.0.4.html#fixed-fields-20",),
)
