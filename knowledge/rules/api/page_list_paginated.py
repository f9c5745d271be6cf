"""A list that is answered whole."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._listing import listing, may_page
from knowledge.rules.api_rule import ApiRule, Profile

MOST = 1000


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every GET on a collection that answers a list of objects and takes nothing to page through it."""
    found = listing(node, context)
    if found is None or may_page(node, context):
        return
    bound = found.array.get("maxItems")
    if not isinstance(bound, int) or bound > MOST:
        yield ApiHit(f"{node.method} {node.path} answers all rows at once: it cannot be paged through")


RULE = ApiRule(
    id="page-list-paginated",
    family="api",
    check=check,
    claim="An operation that lists a collection can be paged through.",
    severity=Severity.MEDIUM,
    why=(
        "The answer grows with the table: it gets slower, then times out, and adding pages later breaks every "
        "client that took the first answer for everything."
    ),
    unless="The list cannot grow: maxItems says so, up to 1,000.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
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
              schema: {type: object, properties: {data: {type: array, items: {type: object}}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: cursor, in: query, schema: {type: string}}
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: array, items: {type: object}}}}
""",
    sources=("https://google.aip.dev/158", "https://opensource.zalando.com/restful-api-guidelines/#159"),
)
