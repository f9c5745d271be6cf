"""A member that is written as one type and read as another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    answers,
    json_schema,
    succeeds,
)
from knowledge.rules.api._operations import own, said, type_names
from knowledge.rules.api_rule import ApiRule, Profile

NUMBERS = frozenset({"integer", "number"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every POST, PUT and PATCH whose body and answer give one member types that exclude each other."""
    if not own(node) or node.method not in ("post", "put", "patch"):
        return
    body = context.resolve(node.value.get("requestBody"))
    content = body.get("content") if isinstance(body, Mapping) else None
    sent = _members(json_schema(content), context) if isinstance(content, Mapping) else {}
    for answer in answers(node, context) if sent else ():
        if not succeeds(answer.status):
            continue
        for name, kinds in _members(json_schema(answer.content), context, unwrap=True).items():
            mine = sent.get(name, frozenset())
            if mine and kinds and mine.isdisjoint(kinds) and not (mine | kinds) <= NUMBERS:
                message = f"{name} is sent as {_listed(mine)} and answered as {_listed(kinds)}"
                yield ApiHit(f"{node.method} {node.path}: {message}", subject=name)


def _listed(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def _members(schema: Any, context: ApiContext, unwrap: bool = False) -> dict[str, frozenset[str]]:
    """The members of an object with their types; of an envelope those of what is in it."""
    resolved = context.resolve(schema)
    whole = said(resolved, context) if isinstance(resolved, Mapping) else {}
    found = whole.get("properties")
    properties = found if isinstance(found, Mapping) else {}
    if unwrap and "data" in properties:
        return _members(properties["data"], context)
    return {name: type_names(said(value, context)) for name, value in properties.items() if isinstance(value, Mapping)}


RULE = ApiRule(
    id="req-rw-symmetry",
    family="api",
    check=check,
    claim="A member has the same type in the body of a request and in its answer.",
    severity=Severity.MEDIUM,
    why=(
        "What was read cannot be sent back: every client needs two models of one thing and code that converts "
        "them, and a read-change-write ends in 422."
    ),
    unless="A number is an integer on one side, or the member means another thing on purpose (an id for an object).",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {total: {type: number}}}}}
      responses:
        '201':
          description: Created.
          content: {application/json: {schema: {type: object, properties: {total: {type: string}}}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {total: {type: string}}}}}
      responses:
        '201':
          description: Created.
          content: {application/json: {schema: {type: object, properties: {total: {type: string}}}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#252",
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
    ),
)
