"""An API that nobody can be asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """info without a contact that can be reached."""
    contact = node.value.get("contact")
    if not isinstance(contact, Mapping):
        yield ApiHit("info has no contact: give a name with a URL or an address")
    elif not contact.get("url") and not contact.get("email"):
        yield ApiHit("the contact has neither URL nor email", ("contact",))


RULE = ApiRule(
    id="info-contact",
    claim="The API names a contact that can be reached.",
    family="api",
    severity=Severity.LOW,
    why="Whoever finds a fault or a hole needs someone to tell; catalogues list APIs by their owner.",
    unless="There is no exception.",
    profile=Profile.DEFAULT,
    on=(Kind.INFO,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, contact: {name: Shop team, email: api@shop.test}}
paths: {}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#contact-object",),
)
