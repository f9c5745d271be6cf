"""An answer outside of the envelope that most others have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, fails, json_schema, succeeds, title
from knowledge.rules.api._schema_parts import EVERY, gather
from knowledge.rules.api_rule import ApiRule, Profile


@dataclass(slots=True)
class _Tally:
    """Who has the envelope, and who has not."""

    inside: int = 0
    lists: int = 0
    """How many hold a list: data around lists alone is paging, not an envelope."""
    outside: list[ApiHit] = field(default_factory=list)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """JSON answers without data (successes) or error (errors), where two of three have it."""
    seen: dict[str, _Tally] = context.memo("new-envelope", dict)
    if node.kind is Kind.END:
        for tally in seen.values():
            if tally.inside >= MANY * len(tally.outside) and tally.inside > tally.lists:
                yield from tally.outside
        return
    if called(node):
        return
    for answer in answers(node, context):
        name = "error" if fails(answer.status) else "data"
        schema = json_schema(answer.content)
        if schema is None or not (fails(answer.status) or succeeds(answer.status)):
            continue
        whole = gather(schema, context, EVERY)
        tally = seen.setdefault(name, _Tally())
        if name in whole.properties:
            held = context.resolve(whole.properties[name])
            tally.inside += 1
            tally.lists += isinstance(held, Mapping) and held.get("type") == "array"
        elif whole.complete:
            message = f"{title(node)} answers {answer.status} without {name}, which most other answers have"
            tally.outside.append(ApiHit(message, at=(*node.pointer, "responses", answer.status)))


MANY = 2


RULE = ApiRule(
    id="new-envelope",
    claim="Where answers have an envelope, data for successes and error for errors, all of them have it.",
    family="api",
    severity=Severity.MEDIUM,
    why="Clients unwrap answers in one place: the one that is bare arrives there as undefined.",
    unless="Fewer than two of three JSON answers have the envelope, only lists are in it, or the body is not JSON.",
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
  /order:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: object}}}
  /cart:
    get:
      responses:
        '200':
          description: The cart.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: object}}}
  /customer:
    get:
      responses:
        '200':
          description: The customer.
          content:
            application/json:
              schema: {type: object, properties: {name: {type: string}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /order:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: object}}}
  /cart:
    get:
      responses:
        '200':
          description: The cart.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: object}}}
  /customer:
    get:
      responses:
        '200':
          description: The customer.
          content:
            application/json:
              schema: {type: object, properties: {data: {type: object}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#110",
        "https://google.aip.dev/193",
    ),
)
