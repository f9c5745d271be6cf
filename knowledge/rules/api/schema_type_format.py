"""A format that belongs to another type."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

OF_STRINGS = frozenset(
    "date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference uri-template iri "
    "iri-reference uuid json-pointer relative-json-pointer regex password byte binary base64url".split()
)
OF_NUMBERS = frozenset("int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double".split())
AS_STRINGS = frozenset({"int64", "uint64"})
"""Often sent as strings, because JavaScript's numbers are not long enough (RFC 8259 section 6)."""


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Formats of strings without the type string, formats of numbers without a number, fractions in integers."""
    name, found = node.value.get("format"), types(node.value)
    if not isinstance(name, str) or not found or found == ("null",):
        return
    if name in OF_STRINGS and "string" not in found and "file" not in found:
        yield ApiHit(f"the format {name} is one of strings, the type is {' or '.join(found)}", ("format",), node.key)
    elif name in OF_NUMBERS and not {"number", "integer"} & set(found):
        if not (name in AS_STRINGS and "string" in found):
            yield ApiHit(
                f"the format {name} is one of numbers, the type is {' or '.join(found)}", ("format",), node.key
            )
    elif name in ("float", "double") and "number" not in found:
        yield ApiHit(f"the format {name} has fractions, the type {' or '.join(found)} has none", ("format",), node.key)


RULE = ApiRule(
    id="schema-type-format",
    claim="A format stands with the type it describes.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Validators ignore a format of another type, and generators choose one of the two: the client's type "
        "is not what the server sends."
    ),
    unless="The format is not a registered one, or a 64-bit number is sent as a string.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("format",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        placed_at: {type: integer, format: date-time}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        placed_at: {type: string, format: date-time}
        sequence: {type: string, format: int64}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#data-type-format",
        "https://spec.openapis.org/registry/format/",
        "https://opensource.zalando.com/restful-api-guidelines/#238",
    ),
)
