"""A body of any media type, or an object in one that carries none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import in_paths, said, where
from knowledge.rules.api_rule import ApiRule, Profile

FLAT = frozenset({"text/plain", "application/octet-stream", "text/html"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every request body with a wildcard for its media type, and objects that are said to be plain text or bytes."""
    content = node.value.get("content")
    if not isinstance(content, Mapping) or not in_paths(node):
        return
    carriers = [name for name in content if name.partition(";")[0].strip().lower() not in FLAT]
    for name, media in content.items():
        plain = name.partition(";")[0].strip().lower()
        schema = context.resolve(media.get("schema")) if isinstance(media, Mapping) else None
        has_members = isinstance(schema, Mapping) and bool(said(schema, context).get("properties"))
        if plain in ("*/*", "application/*") and (has_members or len(content) == 1):
            yield ApiHit(f"the body of {where(node)} has the media type {plain}, which names none", ("content", name))
        elif plain in FLAT and has_members and not carriers:
            yield ApiHit(f"the body of {where(node)} is an object, sent as {plain}", ("content", name))


RULE = ApiRule(
    id="req-media-type",
    family="api",
    check=check,
    claim="A request body names its media type, and objects are in one that can carry them, as JSON.",
    severity=Severity.MEDIUM,
    why=(
        "Clients have to choose a Content-Type to send: from a wildcard they choose differently, and the server "
        "answers 415 to some of them."
    ),
    unless="Whatever is sent is stored as it is (an upload).",
    profile=Profile.DEFAULT,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {'*/*': {schema: {type: object, properties: {item: {type: string}}}}}
      responses: {'201': {description: Created.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}
      responses: {'201': {description: Created.}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#167",
        "https://www.rfc-editor.org/rfc/rfc9110#section-8.3",
    ),
)
