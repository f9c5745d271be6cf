"""An operation that takes input and does not say what bad input gives."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, declares, parameters
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations with a body or a query parameter and neither 400 nor 422, as the policy says."""
    policy = context.policy.validation_status
    wanted = (policy,) if policy in ("400", "422") else ("400", "422")
    if called(node) or declares(node, *wanted):
        return
    if "requestBody" in node.value or any(item.get("in") == "query" for item in parameters(node, context)):
        said = f"{node.method.upper()} {node.path} takes input and declares no {' or '.join(wanted)} for a bad one"
        yield ApiHit(said, ("responses",))


RULE = ApiRule(
    id="resp-validation-error",
    claim="An operation with a body or query parameters declares the status that bad input gives.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Bad input is the error clients meet most; undeclared, its body is unknown and no form can show which "
        "field was wrong."
    ),
    unless=(
        "The range 4XX or a default response is declared; the policy validation_status settles whether it is "
        "400 or 422."
    ),
    profile=Profile.HARDENING,
    on=(Kind.OPERATION,),
    policy="validation_status",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        '200': {description: The orders.}
        '401': {description: Sign in first.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        '200': {description: The orders.}
        '422': {description: The limit is not valid.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.1",
    ),
)
