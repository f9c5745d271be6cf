"""A body for a status that cannot have one."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, title
from knowledge.rules.api_rule import ApiRule, Profile

BODILESS = ("204", "205", "304")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Responses 1xx, 204, 205 and 304 with content."""
    for answer in answers(node, context):
        if answer.content and (answer.status in BODILESS or answer.status[:1] == "1"):
            here = not answer.reference and context.version != "2.0"
            edits = (Edit("remove", ("responses", answer.status, "content")),) if here else ()
            said = f"{title(node)} describes a body for {answer.status}, which has none"
            yield ApiHit(said, ("responses", answer.status), edits=edits)


RULE = ApiRule(
    id="resp-no-body-204",
    claim="Responses with the statuses 1xx, 204, 205 and 304 have no body.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "HTTP ends such a response after its headers: a generated client waits for JSON that never comes and "
        "fails to parse nothing."
    ),
    unless="The content of the response is an empty mapping.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    delete:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '204':
          description: Deleted.
          content:
            application/json:
              schema: {type: object}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    delete:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '204': {description: Deleted.}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5",
    ),
)
