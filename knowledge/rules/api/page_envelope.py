"""A paged list without a place for what belongs to the page."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._listing import listing, paging
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every paged list that is a bare array, where no header tells how to go on."""
    found = listing(node, context)
    if found is None or found.member or not paging(node, context):
        return
    if not found.headers.keys() & {"link", "x-next-page", "x-total-count", "content-range", "x-next-cursor"}:
        yield ApiHit(f"{node.method} {node.path} answers a bare array: where is the next page?")


RULE = ApiRule(
    id="page-envelope",
    family="api",
    check=check,
    claim="A paged list is an object with the rows under a name, or a header leads to the next page.",
    severity=Severity.MEDIUM,
    why=(
        "A bare array has no place for a cursor, a total or a hint that more follows: clients ask until a page "
        "comes back empty, and a change of that breaks them."
    ),
    unless="A Link header (RFC 8288) carries it, and is declared.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}]
      responses:
        '200':
          description: Orders.
          content: {application/json: {schema: {type: array, items: {type: object}}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}]
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: array, items: {type: object}}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#248",
        "https://www.rfc-editor.org/rfc/rfc8288",
    ),
)
