"""Error codes that may be any text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, fails, json_schema, pointer
from knowledge.rules.api._schema_parts import EVERY, gather
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

LISTING = ("enum", "const", "x-extensible-enum", "$ref", "anyOf", "oneOf", "allOf")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Errors whose code is a string without listed values; a schema that many operations share is reported once."""
    if called(node):
        return
    said: set[str] = context.memo("new-error-code-registry", set)
    for answer in answers(node, context):
        schema = json_schema(answer.content) if fails(answer.status) else None
        if schema is None:
            continue
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        where = reference if isinstance(reference, str) else answer.reference
        if where in said:
            continue
        said.update({where} - {""})
        whole = gather(schema, context, EVERY)
        held = whole.properties.get("error")
        inner = gather(held, context, EVERY).properties if isinstance(held, Mapping) else whole.properties
        code = inner.get("code")
        if isinstance(code, Mapping) and "string" in types(code) and not any(name in code for name in LISTING):
            message = f"the code of the error {answer.status} may be any text: which ones there are is not said"
            steps = pointer(where) if where.startswith("#/") else (*node.pointer, "responses", answer.status)
            yield ApiHit(message, subject="code", at=steps)


RULE = ApiRule(
    id="new-error-code-registry",
    claim="The codes of errors are listed.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients branch on codes: without a list they copy them from answers they happened to see, and meet "
        "the others in production."
    ),
    unless=("The code is a number, refers to a schema of its own, or is listed by enum, const or x-extensible- enum."),
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '404':
          description: No such shop.
          content:
            application/json:
              schema:
                type: object
                properties:
                  code: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '404':
          description: No such shop.
          content:
            application/json:
              schema:
                type: object
                properties:
                  code: {type: string, enum: [NOT_FOUND]}
""",
    sources=(
        "https://google.aip.dev/193",
        "https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1",
    ),
)
