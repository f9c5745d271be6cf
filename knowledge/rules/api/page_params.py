"""A page size without limits, or two names for it in one API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._listing import SIZES, listing, paging
from knowledge.rules.api._operations import own, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

Seen = list[tuple[Node, str]]


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Of every list: the size is an integer with a maximum and a default, and has the name it has elsewhere."""
    seen: Seen = context.memo("page-params", list)
    if node.kind is Kind.END:
        yield from _differing(seen)
        return
    if node.method != "get" or not own(node):
        return
    found = paging(node, context)
    sizes = [name for name in found if name in SIZES]
    if len(sizes) != 1 or (len(found) == 1 and listing(node, context) is None):
        return
    name, value = sizes[0], found[sizes[0]]
    seen.append((node, str(value.get("name"))))
    schema = said(schema_of(value, context), context)
    kinds = type_names(schema)
    lacking = [] if not kinds or kinds == {"integer"} else ["the type integer"]
    if not schema.keys() & {"maximum", "exclusiveMaximum", "enum", "const"}:
        lacking.append("a maximum")
    if "default" not in schema and value.get("required") is not True:
        lacking.append("a default")
    if lacking:
        yield ApiHit(f"{value.get('name')} of {node.method} {node.path} lacks {' and '.join(lacking)}", subject=name)


def _differing(seen: Seen) -> Iterator[ApiHit]:
    usual = Counter(name for _, name in seen).most_common(1)
    for operation, name in seen:
        if name != usual[0][0]:
            message = f"{operation.method} {operation.path} calls the size of a page {name}, most call it {usual[0][0]}"
            yield ApiHit(message, subject=name, at=operation.pointer)


RULE = ApiRule(
    id="page-params",
    family="api",
    check=check,
    claim="The size of a page is an integer with a maximum and a default, and has one name in the document.",
    severity=Severity.LOW,
    why=(
        "Without a maximum one call asks for the whole table; without a default nobody knows how much comes; and "
        "with two names callers send the wrong one, which is ignored."
    ),
    unless="The description states the limits, and the server clamps.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
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
    sources=(
        "https://google.aip.dev/158",
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
)
