"""A string of a request that may be of any length."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._inputs import limited_by
from knowledge.rules.api._pattern import PatternError, read_pattern
from knowledge.rules.api._schema_types import types
from knowledge.rules.api._schema_use import asked, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Strings in what is asked for without maxLength, unless their values or their format limit them."""
    if node.kind is not Kind.END and "string" not in types(node.value):
        return ()
    return by_use("schema-string-bounded", node, context, _suspect, asked)


def _suspect(node: Node) -> ApiHit | None:
    value = node.value
    if limited_by(node, "maxLength", "enum", "const", "x-extensible-enum") or value.get("format") in SHORT:
        return None
    pattern = value.get("pattern")
    if isinstance(pattern, str) and _limited(pattern):
        return None
    return ApiHit("the request may hold a string of any length (no maxLength)", (), node.key)


def _limited(pattern: str) -> bool:
    try:
        return read_pattern(pattern).longest is not None
    except PatternError:
        return True


SHORT = tuple("date date-time time duration uuid ipv4 ipv6 int64 uint64 hostname email binary".split())
"""Formats whose grammar limits the length, and files, which limits on the body are for."""


RULE = ApiRule(
    id="schema-string-bounded",
    claim="A string that a request sends has a maxLength.",
    family="api",
    severity=Severity.LOW,
    why=(
        "What has no limit is read into memory, indexed and stored as it comes; the database's limit then "
        "answers with an error of the server."
    ),
    unless=(
        "An enum, a const, a format with a limited grammar or an anchored pattern limits the string, it is "
        "a header, which servers limit, or readOnly, or it is only answered."
    ),
    profile=Profile.DEFAULT,
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
                note: {type: string}
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
                note: {type: string, maxLength: 500}
                code: {type: string, pattern: '^[A-Z]{4}$'}
      responses:
        '204': {description: Taken.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.3.1",
    ),
)
