"""Bytes in JSON, which has none."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_use import JSON, OTHER, Uses, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Strings with the format binary that travel in JSON."""
    if node.kind is not Kind.END and node.value.get("format") != "binary":
        return ()
    return by_use("schema-binary", node, context, _suspect, _in_json)


def _suspect(node: Node) -> ApiHit | None:
    return ApiHit("JSON holds no bytes: format binary cannot be sent in it", ("format",), node.key)


def _in_json(uses: Uses) -> bool:
    return JSON in uses and OTHER not in uses


RULE = ApiRule(
    id="schema-binary",
    claim="The format binary stands only in bodies that are not JSON.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A JSON text is Unicode: bytes must be encoded (format byte, contentEncoding: base64), and generators "
        "that trust the format send garbage."
    ),
    unless="The media type is a form or a file, or the schema is used in such a one as well.",
    profile=Profile.DESIGN,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("format",),
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
                invoice: {type: string, format: binary}
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
                invoice: {type: string, contentEncoding: base64}
      responses:
        '204': {description: Taken.}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#considerations-for-file-uploads",
        "https://www.rfc-editor.org/rfc/rfc8259#section-8.1",
    ),
)
