"""A reference that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.api.references import NOT_THERE
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(_node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """References within the document, and into files that were read or should have been there."""
    for reference in context.references:
        file = reference.target.partition("#")[0]
        if file in context.unread:
            if context.unread[file] == NOT_THERE:
                yield ApiHit(f"{reference.target} leads to a file that is not there", at=reference.pointer)
        elif context.at(reference.target) is None:
            yield ApiHit(f"{reference.target} leads to nothing", at=reference.pointer)


RULE = ApiRule(
    id="doc-refs-resolve",
    claim="Every reference leads to something.",
    family="api",
    severity=Severity.HIGH,
    why=(
        "A parser stops at a reference that leads nowhere; where it goes on, the parameter or body is simply "
        "missing from the client."
    ),
    unless=(
        "The reference leads to the network or to files that this review was not given: those are listed as not tested."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.END,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Order: {properties: {buyer: {$ref: '#/components/schemas/Buyer'}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Order: {properties: {buyer: {$ref: '#/components/schemas/Buyer'}}}
    Buyer: {type: object}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#reference-object",
        "https://www.rfc-editor.org/rfc/rfc6901",
    ),
)
