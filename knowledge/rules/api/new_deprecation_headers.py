"""A deprecation that the answers do not announce, or announce in a form nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import Answer, answers, called, fails, title
from knowledge.rules.api_rule import ApiRule, Profile

STRUCTURED = re.compile(r"@-?[0-9]+")
HTTP_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Deprecated operations without the headers, headers without the mark or a Link, and examples in another form."""
    if called(node):
        return
    found = [answer for answer in answers(node, context) if not fails(answer.status)]
    named = {name for answer in found for name in answer.headers}
    told = named & {"deprecation", "sunset"}
    is_old = node.value.get("deprecated") is True
    if is_old and "deprecation" not in named and found:
        yield ApiHit(f"{title(node)} is deprecated, but no response declares the Deprecation header", ("deprecated",))
    elif told and not is_old:
        yield ApiHit(f"{title(node)} declares {' and '.join(sorted(told))}, but is not marked deprecated")
    elif told and "link" not in named:
        yield ApiHit(f"{title(node)} announces its end without a Link to what replaces it", ("responses",))
    for answer in found:
        yield from _forms(answer)


def _forms(answer: Answer) -> Iterator[ApiHit]:
    old, gone = _example(answer, "deprecation"), _example(answer, "sunset")
    if old and not STRUCTURED.fullmatch(old):
        yield answer.hit(f"Deprecation is a date such as @1735689600 (RFC 9745), not {old[:40]}", "Deprecation")
    if gone and not HTTP_DATE.fullmatch(gone):
        yield answer.hit(f"Sunset is an HTTP date (RFC 8594), not {gone[:40]}", "Sunset")
    elif old and gone and STRUCTURED.fullmatch(old) and _seconds(gone) < int(old[1:]):
        yield answer.hit("Sunset lies before Deprecation", "Sunset")


def _example(answer: Answer, name: str) -> str:
    header = answer.headers.get(name)
    if not isinstance(header, Mapping):
        return ""
    schema = header.get("schema")
    held = header.get("example", schema.get("example") if isinstance(schema, Mapping) else None)
    return held if isinstance(held, str) else ""


def _seconds(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0


RULE = ApiRule(
    id="new-deprecation-headers",
    claim=(
        "A deprecated operation declares Deprecation and a Link, with Sunset not before it, and only such an "
        "operation does."
    ),
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Callers do not read the contract again: the header in every answer is what tells them, in logs and "
        "alerts, that the operation will end."
    ),
    unless="The operation is not deprecated and declares neither header.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      deprecated: true
      responses:
        '200': {description: The orders.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      deprecated: true
      responses:
        '200':
          description: The orders.
          headers:
            Deprecation: {schema: {type: string}, example: '@1735689600'}
            Sunset: {schema: {type: string}, example: 'Wed, 31 Dec 2025 23:59:59 GMT'}
            Link: {schema: {type: string}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9745",
        "https://www.rfc-editor.org/rfc/rfc8594",
        "https://opensource.zalando.com/restful-api-guidelines/#189",
    ),
)
