"""A string of a request that may hold anything."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._inputs import limited_by
from knowledge.rules.api._schema_types import types
from knowledge.rules.api._schema_use import asked, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Strings in what is asked for without format, pattern, enum or const."""
    if node.kind is not Kind.END and "string" not in types(node.value):
        return ()
    return by_use("schema-string-restricted", node, context, _suspect, asked)


def _suspect(node: Node) -> ApiHit | None:
    if limited_by(node, "format", "pattern", "enum", "const", "x-extensible-enum", "contentMediaType"):
        return None
    return ApiHit("the request may hold any text here (no format, pattern or enum)", (), node.key)


RULE = ApiRule(
    id="schema-string-restricted",
    claim="A string that a request sends has a format, a pattern or listed values.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Control characters, markup and look-alikes pass where any text does, and reach logs, pages and other systems."
    ),
    unless=(
        "The string is a header, readOnly or only answered; text for people may hold anything, which is why this is a "
        "rule of hardening."
    ),
    profile=Profile.HARDENING,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("type",),
    types=("string",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                code: {type: string, maxLength: 4}
      responses:
        '204': {description: Taken.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                code: {type: string, maxLength: 4, pattern: '^[A-Z]{4}$'}
      responses:
        '204': {description: Taken.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.3.3",
    ),
)
