"""One document for more kinds of resources than a reader can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import is_literal, is_variable, is_version, segments
from knowledge.rules.api_rule import ApiRule, Profile

MOST = 20


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Count the collections: literal segments that a variable follows, versions left out."""
    paths = context.root.get("paths")
    found: set[str] = set()
    for template in paths if isinstance(paths, Mapping) else ():
        parts = segments(template)
        found.update(
            here for here, after in pairwise(parts) if is_literal(here) and not is_version(here) and is_variable(after)
        )
    setting = context.policy.extra.get("max_resource_types", "")
    most = int(setting) if setting.isdigit() else MOST
    if len(found) > most:
        yield ApiHit(f"the document describes {len(found)} collections, more than {most}", ("paths",))


RULE = ApiRule(
    id="path-resource-count",
    family="api",
    check=check,
    claim="A document describes at most 20 collections, or as many as the policy's max_resource_types says.",
    severity=Severity.LOW,
    why=(
        "A client of one part has to read, generate and update the whole; parts that different teams own can "
        "only be versioned together. Zalando recommends four to eight."
    ),
    unless="The API is one product that is released as a whole.",
    profile=Profile.DESIGN,
    policy="extra",
    on=(Kind.DOCUMENT,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}: &item
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: One of them.}}}
  /customers/{id}: *item
  /shops/{id}: *item
  /products/{id}: *item
  /prices/{id}: *item
  /carts/{id}: *item
  /invoices/{id}: *item
  /payments/{id}: *item
  /refunds/{id}: *item
  /parcels/{id}: *item
  /carriers/{id}: *item
  /addresses/{id}: *item
  /countries/{id}: *item
  /currencies/{id}: *item
  /taxes/{id}: *item
  /coupons/{id}: *item
  /reviews/{id}: *item
  /stocks/{id}: *item
  /suppliers/{id}: *item
  /users/{id}: *item
  /roles/{id}: *item
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}: &item
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: One of them.}}}
  /customers/{id}: *item
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#146",),
)
