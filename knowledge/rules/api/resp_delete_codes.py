"""A DELETE that does not say plainly that the thing is gone."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, succeeds
from knowledge.rules.api_rule import ApiRule, Profile

EXPECTED = ("200", "202", "204", "2XX")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """DELETE operations with a 200 that has no body, or with another success than 200, 202 and 204."""
    if node.method != "delete" or called(node):
        return
    for answer in answers(node, context):
        if answer.status == "200" and not answer.content:
            yield ApiHit(f"DELETE {node.path} answers 200 without a body, which is 204", ("responses", "200"))
        elif succeeds(answer.status) and answer.status.upper() not in EXPECTED:
            said = f"DELETE {node.path} answers {answer.status}, where 204 is expected"
            yield ApiHit(said, ("responses", answer.status))


RULE = ApiRule(
    id="resp-delete-codes",
    claim="DELETE answers 204, 200 with a body that describes the outcome, or 202.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients decide by the status whether to parse a body; an empty 200 makes strict JSON clients fail on "
        "a deletion that worked."
    ),
    unless="The 200 describes a body, or the deletion is only accepted (202).",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
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
        '200': {description: Deleted.}
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
        "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.5",
        "https://google.aip.dev/135",
    ),
)
