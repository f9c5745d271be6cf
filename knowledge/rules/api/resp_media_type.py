"""Responses whose media type says nothing, or is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node, Use
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

VAGUE = ("*/*", "application/*", "text/*")
UNREGISTERED = ("text/json", "text/x-json", "application/x-json", "application/jsonp")
SHAPE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+ *(;.*)?")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Media types of responses that are ranges, unregistered names for JSON, no media type, or not on the list."""
    if node.use is Use.REQUEST or not (node.status or node.component.startswith("responses/")):
        return
    name = node.key.partition(";")[0].strip().lower()
    listed = [item.strip().lower() for item in context.policy.extra.get("response_media_types", "").split(",")]
    if not SHAPE.fullmatch(node.key):
        yield ApiHit(f"{node.key} is no media type", subject=node.key)
    elif name in VAGUE:
        yield ApiHit(f"{node.key} does not say what is answered", subject=node.key)
    elif name in UNREGISTERED:
        yield ApiHit(f"{node.key} is not registered: JSON is application/json", subject=node.key)
    elif listed != [""] and name not in listed:
        yield ApiHit(f"{node.key} is not among {', '.join(listed)}", subject=node.key)


RULE = ApiRule(
    id="resp-media-type",
    claim="A response names one registered media type, not a range of them.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients choose how to parse by the media type; under */* generated code takes everything for binary or text."
    ),
    unless=("The type is exact. The policy's response_media_types (names with commas) narrows what is allowed."),
    profile=Profile.DESIGN,
    on=(Kind.MEDIA_TYPE,),
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
          content:
            '*/*':
              schema: {type: object}
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
        "https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1",
        "https://www.rfc-editor.org/rfc/rfc8259#section-11",
        "https://spec.openapis.org/oas/v3.1.1.html#media-types",
    ),
)
