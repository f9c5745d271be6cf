"""Identifiers that can be counted through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

NAME = re.compile(r"id|.*_id|.*[a-z]I[dD]|.*-id")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Identifiers in paths that are integers."""
    name, schema = node.value.get("name"), context.resolve(node.value.get("schema"))
    if node.value.get("in") != "path" or not isinstance(name, str) or not NAME.fullmatch(name):
        return
    if isinstance(schema, Mapping) and schema.get("type") == "integer":
        yield ApiHit(f"{name} is an integer: who knows one identifier can try the next", ("schema",), name)


RULE = ApiRule(
    id="id-no-sequential",
    claim="Identifiers in paths are no integers.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Sequential identifiers can be tried one after the other, which turns one missing check of ownership "
        "into a leak of everything; they also tell how much there is."
    ),
    unless="The parameter is no identifier, such as a page or a year.",
    profile=Profile.HARDENING,
    on=(Kind.PARAMETER,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      responses:
        '200': {description: The order.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      responses:
        '200': {description: The order.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
        "https://www.rfc-editor.org/rfc/rfc9562",
    ),
)
