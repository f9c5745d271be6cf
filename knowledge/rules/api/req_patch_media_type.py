"""A PATCH whose media type does not say how the change is applied, or that demands everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import said
from knowledge.rules.api_rule import ApiRule, Profile

PATCHES = frozenset({"application/merge-patch+json", "application/json-patch+json"})
TOKENS = frozenset("version etag revision".split())


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every PATCH in plain JSON, and every merge patch with required members."""
    if node.method != "patch" or not node.path:
        return
    content = node.value.get("content")
    bodies = content if isinstance(content, Mapping) else {}
    plain = {name.partition(";")[0].strip().lower(): name for name in bodies}
    if "application/json" in plain and not plain.keys() & PATCHES:
        yield ApiHit(
            f"patch {node.path} takes application/json, which does not say how it is applied",
            ("content", plain["application/json"]),
        )
    for kind in ("application/merge-patch+json", "application/json"):
        media = bodies.get(plain.get(kind, ""))
        schema = context.resolve(media.get("schema")) if isinstance(media, Mapping) else None
        needed = said(schema, context).get("required") if isinstance(schema, Mapping) else None
        forced = [str(name) for name in (needed if isinstance(needed, list) else ()) if name not in TOKENS]
        if forced:
            message = f"patch {node.path} demands {', '.join(forced[:3])} even where it does not change"
            yield ApiHit(message, ("content", plain[kind]))
            return


RULE = ApiRule(
    id="req-patch-media-type",
    family="api",
    check=check,
    claim="A PATCH takes a merge patch or a JSON patch, and a merge patch has no required members.",
    severity=Severity.LOW,
    why=(
        "Whether null removes a member, whether arrays are replaced: application/json does not say, the patch "
        "formats do. What is required must be sent back unchanged, and overwrites what others wrote meanwhile."
    ),
    unless="The house defines once and for all that JSON to PATCH is applied as RFC 7396 says.",
    profile=Profile.DESIGN,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    patch:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        content: {application/json: {schema: {type: object, properties: {note: {type: string}}}}}
      responses: {'200': {description: Changed.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    patch:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        content: {application/merge-patch+json: {schema: {type: object, properties: {note: {type: string}}}}}
      responses: {'200': {description: Changed.}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc5789#section-2",
        "https://www.rfc-editor.org/rfc/rfc7396",
        "https://google.aip.dev/134",
    ),
)
