"""One resource that looks different depending on how it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, json_schema, succeeds, title
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """PUT and PATCH that answer with another schema than GET of the same path."""
    if node.method not in ("put", "patch") or called(node) or node.parent is None:
        return
    read = node.parent.value.get("get")
    if not node.path.endswith("}") or not isinstance(read, Mapping):
        return
    shown = _schema(Node(Kind.OPERATION, read), context)
    answered = _schema(node, context)
    if shown and answered and shown != answered and context.at(shown) != context.at(answered):
        names = [name.rpartition("/")[2] for name in (answered, shown)]
        yield ApiHit(f"{title(node)} answers {names[0]}, GET answers {names[1]}", ("responses",))


def _schema(operation: Node, context: ApiContext) -> str:
    """The named schema of the first success with a body."""
    for answer in answers(operation, context):
        schema = json_schema(answer.content) if succeeds(answer.status) else None
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if isinstance(reference, str):
            return reference
    return ""


RULE = ApiRule(
    id="resp-consistent",
    claim="PUT and PATCH answer with the same schema as GET of the same resource.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients keep what a write answers in place of what they read; with another shape, screens and caches "
        "break after saving."
    ),
    unless="The write answers without a body, with an inline schema, or with one equal to that of GET.",
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
        '200':
          description: The order.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
    patch:
      responses:
        '200':
          description: The order as changed.
          content: {application/json: {schema: {$ref: '#/components/schemas/OrderPatched'}}}
components:
  schemas:
    Order:
      type: object
      properties: {id: {type: string}, note: {type: string}}
    OrderPatched:
      type: object
      properties: {note: {type: string}}
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
        '200':
          description: The order.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
    patch:
      responses:
        '200':
          description: The order as changed.
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
components:
  schemas:
    Order:
      type: object
      properties: {id: {type: string}, note: {type: string}}
""",
    sources=(
        "https://google.aip.dev/134",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
