"""An action in a path that the method already says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._templates import is_literal, methods, noun, segments
from knowledge.rules.api_rule import ApiRule, Profile

SURE = frozenset("get create delete fetch retrieve remove insert modify".split())
IN_CAMEL_CASE = SURE | frozenset("add update edit list find set save load put post".split())
NOUNS = frozenset("request requests history log logs event events marker markers on ons date time policy rule".split())
WRITES = frozenset({"post", "put", "patch", "delete"})
SHARE_OF_CALLS = 0.8


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every literal segment that begins with the verb of a method: ``getOrders``, ``create-order``, ``/delete``."""
    if context.memo("calls procedures", lambda: _procedures(context)):
        return
    for segment in segments(node.key):
        if is_literal(segment) and _acts(segment, node.value):
            verb = words(segment)[0]
            yield ApiHit(f"{segment} in {node.key} says {verb}, which is the method's to say", subject=segment)
            return


def _acts(segment: str, item: Mapping[str, Any]) -> bool:
    found = words(noun(segment))
    if not found or "." in segment:
        return False
    if len(found) == 1:
        return found[0] in SURE or (found[0] in ("add", "update") and set(methods(item)) <= WRITES)
    if found[1] in NOUNS or found[-1] in NOUNS:
        return False
    is_camel = "-" not in segment and "_" not in segment
    return found[0] in SURE or (is_camel and found[0] in IN_CAMEL_CASE)


def _procedures(context: ApiContext) -> bool:
    """Whether nearly everything is called by POST: an API of procedures, whose paths are meant to be verbs."""
    paths = context.root.get("paths")
    items = [item for item in paths.values() if isinstance(item, Mapping)] if isinstance(paths, Mapping) else []
    used = [method for item in items for method in methods(item)]
    return len(used) >= 5 and used.count("post") >= SHARE_OF_CALLS * len(used)


RULE = ApiRule(
    id="path-no-verbs",
    family="api",
    check=check,
    claim="No segment of a path says get, create, update or delete.",
    severity=Severity.LOW,
    why=(
        "The method says it already: GET /getOrders leaves open what POST to it would do, caches and gateways go "
        "by the method, and every action needs a path of its own."
    ),
    unless="It is an action without a method of its own (POST /orders/{id}/cancel, :archive), or the API is RPC.",
    profile=Profile.DESIGN,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /createOrder:
    post: {responses: {'201': {description: Created.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post: {responses: {'201': {description: Created.}}}
  /orders/{id}/cancel:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Cancelled.}}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#141", "https://google.aip.dev/136"),
)
