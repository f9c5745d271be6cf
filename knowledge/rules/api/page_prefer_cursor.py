"""Lists that are paged in another way than the policy's, or than most of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._listing import CURSORS, PAGES, listing, paging
from knowledge.rules.api._operations import own, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

Seen = list[tuple[Node, str]]


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Lists by page number where the policy asks for cursors and the other way round; without one, the minority."""
    seen: Seen = context.memo("page-prefer-cursor", list)
    if node.kind is Kind.OPERATION:
        found = paging(node, context) if node.method == "get" and own(node) else {}
        texts = {name for name, value in found.items() if name in PAGES and _is_text(value, context)}
        by_page, by_cursor = bool(found.keys() & PAGES - texts), bool(found.keys() & CURSORS | texts)
        if by_page != by_cursor and (len(found) > 1 or listing(node, context) is not None):
            seen.append((node, "cursor" if by_cursor else "offset"))
        return
    wish = context.policy.paging
    if wish not in ("cursor", "offset"):
        counted = Counter(style for _, style in seen).most_common()
        if len(counted) < 2:
            return
        wish = "cursor" if counted[0][1] == counted[1][1] else counted[0][0]
    for operation, style in seen:
        if style != wish:
            usual = "the policy asks for" if wish == context.policy.paging else "most lists are paged by"
            message = f"{operation.method} {operation.path} is paged by {style}; {usual} {wish}"
            yield ApiHit(message, at=operation.pointer)


def _is_text(value: Mapping[str, Any], context: ApiContext) -> bool:
    """Whether a page is called by a text: what looks like a page number is a cursor then."""
    return type_names(said(schema_of(value, context), context)) == {"string"}


RULE = ApiRule(
    id="page-prefer-cursor",
    family="api",
    check=check,
    claim="Lists are paged in one way, by cursor or by offset, as the policy says.",
    severity=Severity.LOW,
    why=(
        "Each way needs a loop of its own in every client. By offset a row that is inserted meanwhile is seen "
        "twice or never, and page 10,000 reads everything before it; a cursor does neither."
    ),
    unless="Some lists need to jump to a page, and do not grow.",
    profile=Profile.DESIGN,
    policy="paging",
    on=(Kind.OPERATION, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: cursor, in: query, schema: {type: string}}
      responses: {'200': {description: Orders.}}
  /customers:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
      responses: {'200': {description: Customers.}}
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
  /customers:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: cursor, in: query, schema: {type: string}}
      responses: {'200': {description: Customers.}}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#160", "https://google.aip.dev/158"),
)
