"""Words beside a reference that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.api.walk import Reference
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(_node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """What stands beside ``$ref`` where the version ignores it."""
    for reference in context.references:
        if not reference.siblings or reference.kind is Kind.PATH:
            continue
        allowed = SINCE_3_1 if context.version == "3.1" else frozenset[str]()
        if context.version == "3.1" and reference.kind is Kind.SCHEMA:
            continue
        lost = [name for name in reference.siblings if name not in allowed and not name.startswith("x-")]
        if lost:
            names = ", ".join(lost[:5])
            message = f"{names} beside $ref {'is' if len(lost) == 1 else 'are'} ignored"
            yield ApiHit(message, at=reference.pointer, edits=_edits(reference))


SINCE_3_1 = frozenset({"summary", "description"})
PROSE = frozenset({"description", "title"})


def _edits(reference: Reference) -> tuple[Edit, ...]:
    """The words are kept by putting the reference into allOf; nothing that validates may come to life by that."""
    words = [name for name in reference.siblings if not name.startswith("x-")]
    if reference.kind is not Kind.SCHEMA or not PROSE.issuperset(words):
        return ()
    steps = reference.pointer
    return (
        Edit("add", (*steps, "allOf"), [{"$ref": reference.target}]),
        Edit("remove", (*steps, "$ref")),
    )


RULE = ApiRule(
    id="doc-ref-siblings",
    claim="Nothing stands beside a reference that its version ignores.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Before 3.1 everything beside $ref is ignored: the description that was written for this place is shown "
        "nowhere, a default or nullable has no effect."
    ),
    unless="OpenAPI 3.1 in a schema, or a summary or description beside a reference of 3.1; names beginning with x-.",
    profile=Profile.DEFAULT,
    on=(Kind.END,),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order: {properties: {buyer: {$ref: '#/components/schemas/Buyer', description: Who pays.}}}
    Buyer: {type: object}
""",
    passing="""\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order: {properties: {buyer: {allOf: [{$ref: '#/components/schemas/Buyer'}], description: Who pays.}}}
    Buyer: {type: object}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.0.4.html#reference-object",
        "https://spec.openapis.org/oas/v3.1.1.html#reference-object",
    ),
)
