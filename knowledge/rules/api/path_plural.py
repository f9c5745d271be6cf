"""A collection that is called by the singular of what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.blueprint.plurals import plural_of
from knowledge.report import Severity
from knowledge.rules.api._name_parts import UNCOUNTED, words
from knowledge.rules.api._templates import is_literal, is_variable, is_version, looks_plural, segments
from knowledge.rules.api_rule import ApiRule, Profile

NOT_COLLECTIONS = frozenset(
    "api auth by search login logout health status me self public private admin internal oauth sso saml oidc proxy "
    "callback webhook redirect static storage of in for with from to at on and or work".split()
)
COUNTED = frozenset("order group team batch schedule collection queue list stack array".split())
KEYS = frozenset("id key slug name code number no".split())


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every literal segment in the singular that is followed by a variable which picks one of its members."""
    parts = segments(node.key)
    for segment, variable in pairwise(parts):
        if not is_literal(segment) or not is_variable(variable) or ":" in segment or is_version(segment):
            continue
        found = words(segment)
        word = found[-1] if found else ""
        if "of" in found:
            continue
        if word in NOT_COLLECTIONS or found[:1] == ["by"] or looks_plural(segment) or not _counted(word):
            continue
        if _picks(words(variable), found) or _has_schema(found, context):
            many = segment[: len(segment) - len(word)] + plural_of(word)
            yield ApiHit(f"{segment} in {node.key} is a collection in the singular: {many}", subject=segment)
            return


def _counted(word: str) -> bool:
    """Whether a word has a plural: it is no participle, and no mass."""
    return word.isalpha() and not word.endswith(("ing", "ed")) and word not in UNCOUNTED - COUNTED


def _picks(variable: list[str], found: list[str]) -> bool:
    """Whether the variable is called a key, alone or of the segment: ``id``, ``order_id``."""
    return bool(variable) and variable[-1] in KEYS and variable[:-1] in ([], found, found[-1:])


def _has_schema(found: list[str], context: ApiContext) -> bool:
    known = context.memo("schema names", lambda: {"".join(words(name)) for name in context.schemas})
    return "".join(found) in known


RULE = ApiRule(
    id="path-plural",
    family="api",
    check=check,
    claim="A collection is called by the plural of what it holds.",
    severity=Severity.LOW,
    why=(
        "With /order/{id} beside /customers/{id} nobody can guess the next path, and generated clients call "
        "one resource order here and orders there."
    ),
    unless="There is only one such thing (a singleton as /me), or the word has no plural.",
    profile=Profile.DESIGN,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /order/{order_id}:
    get:
      parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The order.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{order_id}:
    get:
      parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The order.}}
  /me:
    get: {responses: {'200': {description: Who is calling.}}}
""",
    sources=("https://google.aip.dev/122", "https://opensource.zalando.com/restful-api-guidelines/#134"),
)
