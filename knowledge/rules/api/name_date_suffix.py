"""Times that are not written as times, or not called so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

SUFFIX = re.compile(r"(.*_(at|date|datetime|timestamp))|(.*[a-z](At|Date|DateTime|Timestamp))")
TIMES = frozenset(
    "at date time datetime timestamp day month year on since until from to start end begin finish first last now "
    "expiry expires expiration due eta deadline birthday sent when after before ts updated created modified utc "
    "moment instant stamp recent latest earliest next previous dob".split()
)


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Strings called a time without a format, and times whose name has no word for one."""
    if node.role != "properties" or "string" not in types(node.value):
        return
    value, name = node.value, node.key
    form = value.get("format")
    if form is None and SUFFIX.fullmatch(name) and not any(word in value for word in ("pattern", "enum", "const")):
        yield ApiHit(f"{name} is called a time, but is any string (no format date-time or date)", (), name)
    elif form == "date-time" and not _tells(name):
        yield ApiHit(f"{name} is a time: its name does not tell (such as {name}{_ending(name)})", (), name)


def _tells(name: str) -> bool:
    found = words(name)
    return any(word in TIMES or word.endswith(("time", "date", "day", "stamp", "ed")) for word in found) or not found


def _ending(name: str) -> str:
    return "_at" if name == name.lower() else "At"


RULE = ApiRule(
    id="name-date-suffix",
    claim="A property that holds a time is called so, and has the format date-time or date.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Without a format clients parse times by guess, local for UTC and month for day; without a name for "
        "it, nobody knows it is one."
    ),
    unless=(
        "A pattern or listed values say what is sent, or the name has another word for a time (since, until, "
        "expires, created)."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("type",),
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
        created_at: {type: string}
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
        created_at: {type: string, format: date-time}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#235",
        "https://google.aip.dev/142",
        "https://www.rfc-editor.org/rfc/rfc3339",
    ),
)
