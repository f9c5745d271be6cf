"""A parameter that is written in another casing than the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._casing import CASES, common_case, in_case
from knowledge.rules.api._operations import in_paths, parameter_name
from knowledge.rules.api_rule import ApiRule, Profile

Seen = list[tuple[str, tuple[str | int, ...]]]


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Query and path parameters in another casing than the policy's, or than most of the document's."""
    seen: Seen = context.memo("param-case", list)
    if node.kind is Kind.PARAMETER:
        if node.value.get("in") in ("query", "path") and in_paths(node):
            seen.append((parameter_name(node), node.pointer))
        return
    case = context.policy.parameter_case
    if case == "auto":
        case = common_case({word for name, _ in seen for word in _parts(name)})
    if case not in CASES:
        return
    for name, pointer_to in seen:
        if not all(in_case(word, case) for word in _parts(name)):
            yield ApiHit(f"the parameter {name} is not in {case} case", subject=name, at=pointer_to)


def _parts(name: str) -> list[str]:
    """What casing is judged of: ``created_at`` and ``gte`` of ``$created_at[gte]``."""
    return [part.lstrip("_") for part in re.split(r"[\[\].:$@~]+", name) if re.search("[A-Za-z]", part)]


RULE = ApiRule(
    id="param-case",
    family="api",
    check=check,
    claim="Query and path parameters are in one casing: the policy's, or that of most of them.",
    severity=Severity.LOW,
    why=(
        "Unknown query parameters are ignored: who writes pageSize where the API says page_size gets the default "
        "page and no error."
    ),
    unless="The name is given by a standard, as $filter or redirect_uri are.",
    profile=Profile.DEFAULT,
    policy="parameter_case",
    on=(Kind.PARAMETER, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: created_after, in: query, schema: {type: string, format: date}}
        - {name: created_before, in: query, schema: {type: string, format: date}}
        - {name: customerName, in: query, schema: {type: string}}
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: created_after, in: query, schema: {type: string, format: date}}
        - {name: created_before, in: query, schema: {type: string, format: date}}
        - {name: customer_name, in: query, schema: {type: string}}
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#130",
        "https://github.com/Azure/azure-api-style-guide",
    ),
)
