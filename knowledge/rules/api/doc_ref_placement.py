"""A reference where none is allowed, to something of another kind, or to the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.api.references import is_remote, split
from knowledge.api.walk import SECTIONS, Reference
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Members of properties that are references by mistake; at the end every reference that was passed."""
    if node.kind is Kind.SCHEMA:
        properties = node.value.get("properties")
        if isinstance(properties, Mapping) and isinstance(properties.get("$ref"), str):
            yield ApiHit("properties cannot be a reference: each property can", ("properties", "$ref"))
        return
    allowed = ALLOWED | {Kind.MEDIA_TYPE} if context.release == "3.2" else ALLOWED
    faults: dict[tuple[Kind, str], str] = {}
    for reference in context.references:
        same = reference.kind, reference.target
        if same not in faults:
            faults[same] = _fault(reference, allowed, context)
        fault = faults[same]
        if fault:
            yield ApiHit(f"{reference.target[:80]} {fault}", at=reference.pointer)


ALLOWED = frozenset(SECTIONS)


def _fault(reference: Reference, allowed: frozenset[Kind], context: ApiContext) -> str:
    if reference.kind not in allowed:
        return f"stands in place of a {reference.kind.replace('_', ' ')}, which cannot be a reference"
    if is_remote(reference.target):
        return "is on the network: whoever reads the document depends on it"
    file, steps = split(reference.target)
    if file or not steps or not reference.target.startswith("#/") or reference.kind is Kind.PATH:
        return ""
    if len(steps) >= 2 and steps[0] in OLD_SECTIONS and context.version == "2.0":
        return "" if steps[0] == OLD_SECTION.get(reference.kind) else "leads to something of another kind"
    if len(steps) == 3 and steps[0] == "components":
        return "" if steps[1] == SECTIONS[reference.kind] else "leads to something of another kind"
    if steps[0] == "components" and reference.kind is Kind.SCHEMA:
        return ""
    return "leads into the middle of something else: it breaks when that is moved; make it a component"


OLD_SECTION = {Kind.SCHEMA: "definitions", Kind.PARAMETER: "parameters", Kind.RESPONSE: "responses"}
OLD_SECTIONS = frozenset(OLD_SECTION.values())


RULE = ApiRule(
    id="doc-ref-placement",
    claim="References stand where they may, and lead to a component of the right kind in the same project.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Tools read a reference only where one may stand; one into the middle of a path breaks when the path is "
        "edited, and one to the network makes every build depend on another host."
    ),
    unless="A schema refers to a part of another component's schema, or a path to a path of another file.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA, Kind.END),
    keywords=("properties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: Done., content: {application/json: {schema: {type: string}}}}
  /notes:
    get:
      responses:
        '200': {$ref: '#/paths/~1orders/get/responses/200'}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /notes:
    get:
      responses:
        '200': {$ref: '#/components/responses/Done'}
components:
  responses:
    Done: {description: Done.}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#reference-object",
        "https://opensource.zalando.com/restful-api-guidelines/#234",
    ),
)
