"""Properties of an error that clients rely on, but that may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, fails, json_schema, succeeds
from knowledge.rules.api._schema_parts import EVERY, Whole, gather
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Error bodies that have a code or a message and do not require it; and what the policy demands."""
    if called(node):
        return
    said: set[str] = context.memo("resp-required-properties", set)
    house = [name.strip() for name in context.policy.extra.get("required_properties", "").split(",") if name.strip()]
    for answer in answers(node, context):
        schema = json_schema(answer.content)
        if schema is None or not (house if succeeds(answer.status) else fails(answer.status)):
            continue
        whole = gather(schema, context, EVERY)
        missing = [name for name in house if name not in whole.required] if succeeds(answer.status) else []
        if fails(answer.status):
            missing = _optional(whole, schema, context)
        where = str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""
        where = where or answer.reference
        if missing and whole.complete and where not in said:
            said.update({where} - {""})
            yield answer.hit(f"the body of {answer.status} does not require {', '.join(missing)}", missing[0])


def _optional(whole: Whole, schema: object, context: ApiContext) -> list[str]:
    held = whole.properties.get("error")
    inner = gather(held, context, EVERY) if held is not None else whole
    if "title" in inner.properties and "type" in inner.properties:
        return []
    found: list[str] = [name for name in ("code", "message") if name in inner.properties and name not in inner.required]
    return ["error", *found] if held is not None and "error" not in whole.required and inner.properties else found


RULE = ApiRule(
    id="resp-required-properties",
    claim=("An error body requires the properties that clients decide by: error, code, message."),
    family="api",
    severity=Severity.LOW,
    why=(
        "What is optional in the contract is optional in every generated type: clients must guess what to "
        "show when the code is missing."
    ),
    unless=(
        "The properties are required, in the schema itself or a part of it, or the body is a problem (RFC 9457), "
        "whose members are all optional. The policy's required_properties (with commas) are demanded of successes."
    ),
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    policy="extra",
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
                  message: {type: string}
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
                required: [code, message]
                properties:
                  code: {type: string}
                  message: {type: string}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9457#section-3.1",
        "https://redocly.com/docs/cli/rules/oas/response-contains-property",
    ),
)
