"""A success that does not say what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, is_json, succeeds
from knowledge.rules.api_rule import ApiRule, Profile

WITHOUT = ("202", "204", "205")
"""202 may leave the outcome to be fetched elsewhere."""


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Successes other than 202, 204 and 205 without content, or with JSON that has no schema."""
    if node.method in ("head", "options", "delete") or called(node):
        return
    for answer in answers(node, context):
        if not succeeds(answer.status) or answer.status in WITHOUT:
            continue
        if not answer.content:
            if "location" not in answer.headers:
                yield answer.hit(f"{node.method.upper()} {node.path} answers {answer.status} and describes no body")
            continue
        for name, media in answer.content.items():
            if is_json(name) and isinstance(media, Mapping) and not {"schema", "itemSchema", "$ref"} & media.keys():
                said = f"{node.method.upper()} {node.path} answers {answer.status} with JSON that has no schema"
                yield answer.hit(said)


RULE = ApiRule(
    id="resp-success-body",
    claim="A successful response that is not 202, 204 or 205 describes its body.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Without a schema generated clients return an untyped value or nothing at all, and nobody can test "
        "what is answered."
    ),
    unless=(
        "The operation is HEAD, OPTIONS or DELETE, the body is not JSON, or a Location header says where the result is."
    ),
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
              schema: {type: object}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#response-object",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
