"""Statuses that HTTP does not know, or that say nothing for the method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import title
from knowledge.rules.api_rule import ApiRule, Profile

REGISTERED = frozenset(
    "100 101 102 103 104 200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308 400 401 402 403 404 "
    "405 406 407 408 409 410 411 412 413 414 415 416 417 421 422 423 424 425 426 428 429 431 451 500 501 502 503 504 "
    "505 506 507 508 510 511 1XX 2XX 3XX 4XX 5XX default".split()
)
"""The IANA registry of HTTP status codes, without the unused ones (306, 418), and what OpenAPI adds."""
READS = frozenset({"get", "head", "options", "trace", "query"})


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Statuses outside of the registry; 201 of a read; 304 and 206 of anything but a read."""
    found = node.value.get("responses")
    for status in found if isinstance(found, Mapping) else ():
        if status.startswith("x-"):
            continue
        said = f"{title(node)} declares {status}"
        if status not in REGISTERED:
            yield ApiHit(f"{said}, which is no registered status", ("responses", status), status)
        elif status == "201" and node.method in READS:
            yield ApiHit(
                f"{said} (created), but a {node.method.upper()} creates nothing", ("responses", status), status
            )
        elif status in ("206", "304") and node.method not in READS:
            yield ApiHit(f"{said}, which only answers a GET or HEAD", ("responses", status), status)


RULE = ApiRule(
    id="resp-status-codes",
    claim="Operations answer with registered statuses that fit their method.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Clients, caches and gateways act on the status: one that is unknown counts as the x00 of its class, "
        "one that does not fit the method is ignored or mishandled."
    ),
    unless=("The status is in the IANA registry and allowed for the method; ranges and default are OpenAPI's own."),
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '498': {description: The token has expired.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '401': {description: The token has expired.}
""",
    sources=(
        "https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15",
        "https://opensource.zalando.com/restful-api-guidelines/#150",
    ),
)
