"""An operation that can be called wrongly and does not say what is answered then."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, parameters, secured, statuses
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations that take something, or need credentials, and declare neither a 4xx nor a default."""
    names = statuses(node)
    if called(node) or not names or any(name == "default" or name[:1] == "4" for name in names):
        return
    if "requestBody" in node.value or secured(node, context) or parameters(node, context):
        yield ApiHit(f"{node.method.upper()} {node.path} declares no error of the client (4xx)", ("responses",))


RULE = ApiRule(
    id="resp-client-error",
    claim="An operation that a client can call wrongly declares a 4xx response.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A client developer cannot handle an error that the contract hides; generated clients raise an "
        "unknown error without its body."
    ),
    unless=(
        "A default response is declared, the API itself is the caller (callbacks, webhooks), or the operation "
        "takes no input and no credentials."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: The order.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: The order.}
        '404': {description: No such order.}
""",
    sources=(
        "https://redocly.com/docs/cli/rules/oas/operation-4xx-response",
        "https://opensource.zalando.com/restful-api-guidelines/#151",
    ),
)
