"""Truth values that are called by two habits."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import in_paths, parameter_name, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

PREFIXES = ("is", "has", "can", "should")
Seen = list[tuple[str, tuple[str | int, ...]]]


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Boolean parameters against the policy; without one, those called both with and without a prefix."""
    seen: Seen = context.memo("param-boolean-prefix", list)
    if node.kind is Kind.PARAMETER:
        kinds = type_names(said(schema_of(node.value, context), context))
        if node.value.get("in") in ("query", "header") and in_paths(node) and kinds == {"boolean"}:
            seen.append((parameter_name(node), node.pointer))
        return
    wish = context.policy.boolean_prefix
    plain = {tuple(words(name)) for name, _ in seen if not _prefixed(name)}
    for name, pointer_to in seen:
        prefixed = _prefixed(name)
        if wish == "demanded" and not prefixed:
            yield ApiHit(f"{name} is a truth value without a prefix as in is_{name}", subject=name, at=pointer_to)
        elif wish == "forbidden" and prefixed:
            yield ApiHit(f"{name} is a truth value with the prefix {words(name)[0]}", subject=name, at=pointer_to)
        elif wish == "any" and prefixed and tuple(words(name)[1:]) in plain:
            yield ApiHit(f"{name} is called without {words(name)[0]} elsewhere", subject=name, at=pointer_to)


def _prefixed(name: str) -> bool:
    found = words(name)
    return len(found) > 1 and found[0] in PREFIXES


RULE = ApiRule(
    id="param-boolean-prefix",
    family="api",
    check=check,
    claim="Boolean parameters are called with or without a prefix as the policy says; each always alike.",
    severity=Severity.LOW,
    why=(
        "Rule sets contradict each other on is_active against active; with both in one API every call has to be "
        "looked up, and the wrong spelling is ignored in silence."
    ),
    unless="The two stand for different things.",
    profile=Profile.STYLE,
    policy="boolean_prefix",
    on=(Kind.PARAMETER, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: is_paid, in: query, schema: {type: boolean}}]
      responses: {'200': {description: Orders.}}
  /invoices:
    get:
      parameters: [{name: paid, in: query, schema: {type: boolean}}]
      responses: {'200': {description: Invoices.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: paid, in: query, schema: {type: boolean}}]
      responses: {'200': {description: Orders.}}
  /invoices:
    get:
      parameters: [{name: paid, in: query, schema: {type: boolean}}]
      responses: {'200': {description: Invoices.}}
""",
    sources=(
        "https://redocly.com/docs/cli/rules/oas/boolean-parameter-prefixes",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
