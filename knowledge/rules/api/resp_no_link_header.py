"""Links in a header, where clients read JSON."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, is_json, succeeds
from knowledge.rules.api_rule import ApiRule, Profile

DATES = ("deprecation", "sunset")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Successes in JSON that declare a Link header, unless it accompanies a deprecation."""
    if context.policy.extra.get("link_header") == "allowed" or called(node):
        return
    said: set[str] = context.memo("resp-no-link-header", set)
    for answer in answers(node, context):
        linked = "link" in answer.headers and not any(name in answer.headers for name in DATES)
        if linked and succeeds(answer.status) and any(map(is_json, answer.content)) and answer.reference not in said:
            said.update({answer.reference} - {""})
            yield answer.hit(f"the response {answer.status} is JSON and has its links in a Link header", "Link")


RULE = ApiRule(
    id="resp-no-link-header",
    claim="Links of a JSON response stand in its body, not in a Link header.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Few generated clients expose headers, and the grammar of Link is parsed by hand: pages behind it are "
        "not found."
    ),
    unless="The header accompanies Deprecation or Sunset, or the policy has link_header: allowed.",
    profile=Profile.STYLE,
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
        '200':
          description: The orders.
          headers:
            Link: {schema: {type: string}}
          content: {application/json: {schema: {type: object}}}
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
              schema:
                type: object
                properties:
                  next: {type: string, format: uri-reference}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#166",
        "https://www.rfc-editor.org/rfc/rfc8288#section-3",
    ),
)
