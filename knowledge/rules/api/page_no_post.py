"""A POST that pages through a list."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._listing import CURSORS, PAGES, SIZES, paging
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own
from knowledge.rules.api._templates import segments
from knowledge.rules.api_rule import ApiRule, Profile

SEARCHES = frozenset("search query find filter lookup list scan batch bulk graphql report reports export".split())


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every POST with paging parameters in its query, unless its path says that it searches."""
    if node.method != "post" or not own(node):
        return
    found = paging(node, context)
    if not found.keys() & (PAGES | CURSORS) or not found.keys() & SIZES:
        return
    parts = segments(node.path)
    if not parts or not set(words(parts[-1])) & SEARCHES:
        yield ApiHit(f"post {node.path} pages through a list, as GET should")


RULE = ApiRule(
    id="page-no-post",
    family="api",
    check=check,
    claim="A POST does not page through a list.",
    severity=Severity.LOW,
    why=(
        "POST is neither safe nor cached nor repeated after a lost connection: a page that fails half-way cannot "
        "be asked for again without thinking, and its URL cannot be handed on."
    ),
    unless="It searches by a body too long for a URL, and its path says so.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: cursor, in: query, schema: {type: string}}
      responses: {'200': {description: Orders.}}
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
      responses: {'200': {description: Orders.}}
""",
    sources=("https://github.com/Azure/azure-api-style-guide", "https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1"),
)
