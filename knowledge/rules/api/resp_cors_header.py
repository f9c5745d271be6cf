"""Responses without the header that lets a browser read them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, succeeds, title
from knowledge.rules.api_rule import ApiRule, Profile

NAME = "access-control-allow-origin"


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """The operations whose successes lack the header where others have it; the document where none has."""
    without: list[ApiHit] = context.memo("resp-cors-header without", list)
    having: list[str] = context.memo("resp-cors-header having", list)
    if node.kind is Kind.END:
        if without and having:
            yield from without
        elif without:
            yield ApiHit("no response declares Access-Control-Allow-Origin: which web pages may read it is not said")
        return
    found = [answer for answer in answers(node, context) if succeeds(answer.status)]
    if called(node) or not found:
        return
    if all(NAME in answer.headers for answer in found):
        having.append(node.path)
    else:
        message = f"{title(node)} declares no Access-Control-Allow-Origin, other operations do"
        without.append(ApiHit(message, at=(*node.pointer, "responses")))


RULE = ApiRule(
    id="resp-cors-header",
    claim="Responses declare Access-Control-Allow-Origin.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Whether a browser lets a page read an answer depends on this header alone; what the contract leaves "
        "open is often set to * in haste."
    ),
    unless=("No operation declares a success. Where no response has the header, this is said once for the document."),
    profile=Profile.HARDENING,
    on=(
        Kind.OPERATION,
        Kind.END,
    ),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
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
          headers:
            Access-Control-Allow-Origin: {schema: {type: string}}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/",
        "https://fetch.spec.whatwg.org/#http-access-control-allow-origin",
    ),
)
