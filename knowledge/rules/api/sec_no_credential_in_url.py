"""A password, secret or token as a parameter of the URL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import in_paths, parameter_name, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

SECRETS = (
    ("password",),
    ("passwd",),
    ("passphrase",),
    ("client", "secret"),
    ("secret",),
    ("access", "token"),
    ("refresh", "token"),
    ("id", "token"),
    ("auth", "token"),
    ("bearer", "token"),
    ("session", "token"),
    ("api", "key"),
    ("apikey",),
    ("private", "key"),
    ("secret", "key"),
    ("jwt",),
)


ACCESS = re.compile(r"\b(access|auth|authentication|authorization|api|bearer|session|login)\b", re.IGNORECASE)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every query or path parameter whose name ends in a credential's; a bare token that opens something."""
    name = parameter_name(node)
    place = node.value.get("in")
    if place not in ("query", "path") or not in_paths(node):
        return
    found = tuple(words(name))
    if found[:1] in (("has",), ("is",), ("no",), ("include",), ("with",)) or _is_flag(node, context):
        return
    is_token = place == "query" and found == ("token",) and ACCESS.search(str(node.value.get("description")))
    if is_token or any(found[-len(secret) :] == secret for secret in SECRETS):
        yield ApiHit(f"the {place} parameter {name} puts a credential into the URL", subject=name)


def _is_flag(node: Node, context: ApiContext) -> bool:
    return type_names(said(schema_of(node.value, context), context)) == {"boolean"}


RULE = ApiRule(
    id="sec-no-credential-in-url",
    family="api",
    check=check,
    claim="No query or path parameter is a password, secret, key or token.",
    severity=Severity.HIGH,
    why=(
        "URLs are written to access logs, histories, error reports and Referer headers: whoever reads one has "
        "the credential."
    ),
    unless="It can be used once and soon expires, as in a link sent by mail; or it pages (page_token).",
    profile=Profile.HARDENING,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: access_token, in: query, required: true, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{bearer: []}]
      parameters: [{name: page_token, in: query, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6750#section-5.3",
        "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
    ),
)
