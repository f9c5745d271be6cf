"""A POST to a collection that does not say what it created."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    answers,
)
from knowledge.rules.api._operations import own
from knowledge.rules.api._templates import collections, normalised
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every POST to a path whose items can be read, that answers plain 200, or 201 without Location."""
    if not own(node) or node.method != "post" or normalised(node.path) not in collections(context):
        return
    found = {answer.status.upper(): answer for answer in answers(node, context)}
    good = [status for status in found if status[:1] in ("2", "3")]
    if good == ["200"]:
        yield ApiHit(f"post {node.path} answers 200, as if nothing had been created", ("responses", "200"))
    elif "201" in found and found["201"].value and "location" not in found["201"].headers:
        yield found["201"].hit(f"post {node.path} answers 201 without the Location of what was created")


RULE = ApiRule(
    id="op-create-method",
    family="api",
    check=check,
    claim="A POST to a collection answers 201 with a Location header.",
    severity=Severity.LOW,
    why=(
        "RFC 9110 says where the new resource is: by 201 and Location. A client that gets 200 cannot tell a "
        "creation from an answer, and has to know how URLs are built."
    ),
    unless="Nothing is created (a search), or it is created later (202) or elsewhere (303).",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post: {responses: {'200': {description: Created.}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        '201':
          description: Created.
          headers: {Location: {description: URL of the order., schema: {type: string, format: uri}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
""",
    sources=("https://www.rfc-editor.org/rfc/rfc9110#section-15.3.2", "https://google.aip.dev/133"),
)
