"""An operation that changes something, and says nothing of who may."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own
from knowledge.rules.api._schemes import requirements, schemes
from knowledge.rules.api._templates import is_literal, segments
from knowledge.rules.api_rule import ApiRule, Profile

SAFE = frozenset({"get", "head", "options", "trace", "query"})
ENTRANCES = frozenset(
    "login signin signup register registration token tokens oauth oauth2 auth session sessions authenticate logout "
    "password passwords verify verification confirm confirmation activate activation webhook webhooks callback "
    "introspect revoke refresh otp mfa saml sso csp".split()
)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every unsafe operation without a requirement that has not opted out; once for a document without any scheme."""
    if node.kind is Kind.END:
        for operation in _waiting(context)[:1]:
            text = "no security scheme is declared, though operations as {} {} change something"
            yield ApiHit(text.format(operation.method, operation.path), at=("paths",))
        return
    if not own(node) or node.method in SAFE or requirements(node, context) is not None:
        return
    if any(set(words(part)) & ENTRANCES for part in segments(node.path) if is_literal(part)):
        return
    if schemes(context):
        yield ApiHit(f"{node.method} {node.path} changes something, and no security is required for it")
    else:
        _waiting(context).append(node)


def _waiting(context: ApiContext) -> list[Node]:
    return context.memo("sec-write-protected", list)


RULE = ApiRule(
    id="sec-write-protected",
    family="api",
    check=check,
    claim="Every operation that is not safe requires security, or says that it needs none (security: []).",
    severity=Severity.HIGH,
    why=(
        "Either the server lets anybody write, or it does not and the contract hides it: generated clients send no "
        "credentials, and every call fails with 401."
    ),
    unless="It opts out (security: [] or an empty requirement), or is how callers get in: login, token, webhook.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post: {responses: {'201': {description: Created.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    post: {responses: {'201': {description: Created.}}}
  /feedback:
    post: {security: [], responses: {'201': {description: Created.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
        "https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object",
    ),
)
