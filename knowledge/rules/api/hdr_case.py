"""Headers that are not written the way HTTP writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Headers of requests and responses that are not in Hyphenated-Pascal-Case."""
    if node.kind is Kind.PARAMETER:
        name = node.value.get("name")
        if node.value.get("in") == "header" and isinstance(name, str) and not PASCAL.fullmatch(name):
            edits: tuple[Edit, ...] = (Edit("replace", ("name",), _pascal(name)),)
            yield ApiHit(f"the header {name} is written {_pascal(name)}", ("name",), name, edits)
        return
    headers = node.value.get("headers")
    for name in headers if isinstance(headers, Mapping) else ():
        if not PASCAL.fullmatch(name):
            other = _pascal(name)
            free = other not in headers and context.version != "2.0"
            edits = (Edit("move", ("headers", other), ("headers", name)),) if free else ()
            yield ApiHit(f"the header {name} is written {other}", ("headers", name), name, edits)


PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*(-[A-Z0-9][A-Za-z0-9]*)*")
FIXED = {"etag": "ETag", "www": "WWW", "te": "TE", "dnt": "DNT", "md5": "MD5", "ratelimit": "RateLimit"}


def _pascal(name: str) -> str:
    parts = re.split(r"[-_ ]", name)
    return "-".join(FIXED.get(part.lower(), part[:1].upper() + part[1:]) for part in parts if part)


RULE = ApiRule(
    id="hdr-case",
    claim="Names of headers are written in Hyphenated-Pascal-Case.",
    family="api",
    severity=Severity.LOW,
    why=(
        "HTTP ignores the case of names, but lists, logs and diffs of contracts do not: one header turns up "
        "under several names."
    ),
    unless=("Every part between hyphens begins with a capital, as in ETag, WWW-Authenticate and X-GitHub-OTP."),
    profile=Profile.STYLE,
    on=(
        Kind.PARAMETER,
        Kind.RESPONSE,
    ),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: if-none-match, in: header, schema: {type: string}}
      responses:
        '200': {description: The orders.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: If-None-Match, in: header, schema: {type: string}}
      responses:
        '200': {description: The orders.}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#132",
        "https://www.rfc-editor.org/rfc/rfc9110#section-5.1",
    ),
)
