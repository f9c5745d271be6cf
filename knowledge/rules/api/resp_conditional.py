"""Writes that can overwrite what the client has not seen, and conditions without their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, declares, parameters, statuses, title
from knowledge.rules.api_rule import ApiRule, Profile

WRITES = ("put", "patch")
CONDITIONS = ("if-match", "if-unmodified-since")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Conditions without 412 or 304, 412 without a condition, and PUT or PATCH of what can be read, without any."""
    if called(node):
        return
    named = {str(item.get("name")).lower() for item in parameters(node, context) if item.get("in") == "header"}
    names, guarded = statuses(node), any(name in named for name in CONDITIONS)
    if guarded and not declares(node, "412"):
        yield ApiHit(f"{title(node)} takes a condition and declares no 412 for one that does not hold", ("responses",))
    elif "412" in names and not guarded and not named & {"if-none-match", "if-range"}:
        yield ApiHit(f"{title(node)} declares 412, but takes no If-Match to fail", ("responses", "412"))
    elif node.method in WRITES and not guarded and _readable(node):
        yield ApiHit(f"{title(node)} takes no If-Match: the later of two writers undoes the other's change unseen")
    if node.method == "get" and "if-none-match" in named and not {"304", "3XX"} & set(names):
        yield ApiHit(f"{title(node)} takes If-None-Match and declares no 304", ("responses",))


def _readable(node: Node) -> bool:
    item = node.parent.value if node.parent is not None else {}
    return isinstance(item, Mapping) and "get" in item


RULE = ApiRule(
    id="resp-conditional",
    claim=("A resource that can be read and replaced or patched is written under a condition, with its 412 and 304."),
    family="api",
    severity=Severity.LOW,
    why=(
        "Two clients that read, change and write back lose one change without a trace; a condition without "
        "its status cannot be handled."
    ),
    unless="The path has no GET, or the write takes If-Match or If-Unmodified-Since and declares 412.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: The order.}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: The order as changed.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: The order.}
    put:
      parameters:
        - {name: If-Match, in: header, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: The order as changed.}
        '412': {description: The order has changed since.}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1",
        "https://opensource.zalando.com/restful-api-guidelines/#182",
        "https://google.aip.dev/154",
    ),
)
