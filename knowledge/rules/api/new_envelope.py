"""An answer outside of the envelope that most others have."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, fails, json_schema, succeeds, title
from knowledge.rules.api._schema_parts import EVERY, gather
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """JSON answers without data (successes) or error (errors), where at least half of all have it."""
    seen: dict[str, tuple[list[str], list[ApiHit]]] = context.memo("new-envelope", dict)
    if node.kind is Kind.END:
        for inside, outside in seen.values():
            if len(inside) >= len(outside):
                yield from outside
        return
    if called(node):
        return
    for answer in answers(node, context):
        name = "error" if fails(answer.status) else "data"
        schema = json_schema(answer.content)
        if schema is None or not (fails(answer.status) or succeeds(answer.status)):
            continue
        whole = gather(schema, context, EVERY)
        inside, outside = seen.setdefault(name, ([], []))
        if name in whole.properties:
            inside.append(answer.status)
        elif whole.complete:
            message = f"{title(node)} answers {answer.status} without {name}, which other answers have"
            outside.append(ApiHit(message, at=(*node.pointer, "responses", answer.status)))


RULE = ApiRule(
    id="new-envelope",
    claim="Where answers have an envelope, data for successes and error for errors, all of them have it.",
    family="api",
    severity=Severity.MEDIUM,
    why="Clients unwrap answers in one place: the one that is bare arrives there as undefined.",
    unless="Fewer than half of the JSON answers have the envelope, or the body is not JSON.",
    profile=Profile.DESIGN,
    on=(
        Kind.OPERATION,
        Kind.END,
    ),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The orders.
          content:
            application/json:
              schema:
                type: object
                properties: {data: {type: array, items: {type: string}}}
  /customers:
    get:
      responses:
        '200':
          description: The customers.
          content:
            application/json:
              schema:
                type: object
                properties: {customers: {type: array, items: {type: string}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The orders.
          content:
            application/json:
              schema:
                type: object
                properties: {data: {type: array, items: {type: string}}}
  /customers:
    get:
      responses:
        '200':
          description: The customers.
          content:
            application/json:
              schema:
                type: object
                properties: {data: {type: array, items: {type: string}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#110",
        "https://google.aip.dev/193",
    ),
)
