"""An operation that reads, and says neither who may nor that everybody may."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import READS, own
from knowledge.rules.api._schemes import requirements, schemes
from knowledge.rules.api._templates import is_literal, segments
from knowledge.rules.api_rule import ApiRule, Profile

OPEN = frozenset(
    "health healthz healthcheck live livez liveness ready readyz readiness ping status version versions openapi "
    "swagger docs metrics robots favicon well known jwks jwk auth oauth oauth2 login logout callback authorize".split()
)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every safe operation without a requirement that has not opted out, where the document has schemes at all."""
    if not own(node) or node.method not in READS or requirements(node, context) is not None:
        return
    if not schemes(context) or node.method in ("options", "trace"):
        return
    if not any(set(words(part)) & OPEN for part in segments(node.path) if is_literal(part)):
        yield ApiHit(f"{node.method} {node.path} requires no security, and does not say that it needs none")


RULE = ApiRule(
    id="sec-read-protected",
    family="api",
    check=check,
    claim="Where security schemes are declared, every read requires one or opts out (security: []).",
    severity=Severity.LOW,
    why="Whether the operation is public or was forgotten, nobody can tell; an empty list says it.",
    unless="It is a health check, documentation, or a step of signing in.",
    profile=Profile.HARDENING,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {security: [{bearer: []}], responses: {'200': {description: Orders.}}}
  /products:
    get: {security: [], responses: {'200': {description: Products.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    sources=("https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",),
)
