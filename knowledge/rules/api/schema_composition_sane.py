"""A composition that nothing can satisfy, or that says one thing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import COMPOSITIONS, nullable, types
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Empty compositions, equal branches, contradictory types of allOf, alternatives of oneOf that always overlap."""
    for keyword in COMPOSITIONS:
        branches = node.value.get(keyword)
        if not isinstance(branches, list):
            continue
        if not branches:
            yield ApiHit(f"{keyword} is empty", (keyword,), node.key, (Edit("remove", (keyword,)),))
            continue
        first = _repeated(branches)
        if first is not None:
            harm = ": what fits one of them fits both, so oneOf refuses it" if keyword == "oneOf" else ""
            edits = (Edit("remove", (keyword, first)),) if keyword != "oneOf" else ()
            yield ApiHit(f"two branches of {keyword} are equal{harm}", (keyword, first), node.key, edits)
        elif keyword == "oneOf":
            yield from _overlaps(node, branches)
    branches = node.value.get("allOf")
    if isinstance(branches, list) and branches:
        yield from _contradictions(node, branches, context)


def _repeated(branches: list[Any]) -> int | None:
    seen: set[str] = set()
    for index, branch in enumerate(branches if len(branches) > 1 else ()):
        text = json.dumps(branch, sort_keys=True, default=str)
        if text in seen:
            return index
        seen.add(text)
    return None


def _overlaps(node: Node, branches: list[Any]) -> Iterator[ApiHit]:
    """Alternatives without a condition, and integer beside number."""
    bare = [branch for branch in branches if isinstance(branch, Mapping) and not branch.keys() - PROSE - {"type"}]
    if len(branches) > 1 and any(branch is True or branch == {} for branch in branches):
        message = "one alternative of oneOf admits everything: what fits another fits both, and is refused"
        yield ApiHit(message, ("oneOf",), node.key)
    names = [branch.get("type") for branch in bare]
    if "integer" in names and "number" in names:
        yield ApiHit("oneOf of integer and number: a whole number fits both, and is refused", ("oneOf",), node.key)


def _contradictions(node: Node, branches: list[Any], context: ApiContext) -> Iterator[ApiHit]:
    found = [_types(branch, context) for branch in (*branches, {"type": node.value.get("type")})]
    known = [names for names in found if names]
    if known and not set.intersection(*known):
        shown = ", ".join("/".join(sorted(names - {"integer"} if "number" in names else names)) for names in known)
        yield ApiHit(f"the parts of allOf have different types ({shown}): nothing fits all", ("allOf",), node.key)


def _types(branch: Any, context: ApiContext) -> set[str]:
    """The types that a part admits; empty where it leaves that open."""
    schema = context.resolve(branch) if isinstance(branch, Mapping) else {}
    found = set(types(schema)) if isinstance(schema, Mapping) else set()
    if "number" in found:
        found.add("integer")
    return found | {"null"} if found and nullable(schema) else found


PROSE = frozenset({"title", "description", "example", "examples", "deprecated", "default"})


RULE = ApiRule(
    id="schema-composition-sane",
    claim="A composition has branches that differ and that some value fits.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "What contradicts itself refuses every value, and validators disagree with generators, which merge "
        "the parts without a word."
    ),
    unless=("The branches differ in more than prose, or a single branch carries a description beside its reference."),
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("allOf", "anyOf", "oneOf"),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      allOf:
        - type: object
          properties: {note: {type: string}}
        - type: array
          items: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      allOf:
        - type: object
          properties: {note: {type: string}}
        - type: object
          properties: {lines: {type: array, items: {type: string}}}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-core#section-10.2.1",
        "https://spec.openapis.org/oas/v3.1.1.html#composition-and-inheritance-polymorphism",
    ),
)
