"""A response whose body is a bare array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node, Use
from knowledge.report import Severity
from knowledge.rules.api._answers import is_json, succeeds
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Successful JSON responses whose schema is an array."""
    if node.use is Use.REQUEST or not is_json(node.key) or not isinstance(node.value, Mapping):
        return
    if not succeeds(node.status) and not (node.component.startswith("responses/") and not node.status):
        return
    schema = context.resolve(node.value.get("schema"))
    if isinstance(schema, Mapping) and schema.get("type") == "array":
        where = f"{node.method.upper()} {node.path} answers {node.status}" if node.path else node.component
        yield ApiHit(f"{where} with a bare array: nothing can be added beside the items later", ("schema",))


RULE = ApiRule(
    id="resp-object-root",
    claim="The body of a successful JSON response is an object, not an array.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Paging, totals or warnings can only be added to an object; turning an array into an object later "
        "breaks every client."
    ),
    unless="The media type is a sequence (JSON lines, server-sent events), or the response is an error.",
    profile=Profile.DEFAULT,
    on=(Kind.MEDIA_TYPE,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The orders.
          content:
            application/json:
              schema: {type: array, items: {type: string}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The orders.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {type: string}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#110",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
