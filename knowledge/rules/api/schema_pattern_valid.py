"""A pattern that is no regular expression, or that checks less than it seems to."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._pattern import PatternError, read_pattern
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Patterns that ECMA-262 does not read, that are anchored by halves, or that count what is not anchored."""
    text = node.value.get("pattern")
    if not isinstance(text, str):
        yield ApiHit("pattern is a text", ("pattern",), node.key)
        return
    try:
        found = read_pattern(text)
    except PatternError as error:
        yield ApiHit(f"the pattern is no regular expression of ECMA-262: {error}", ("pattern",), node.key)
        return
    if found.half_anchored:
        message = f"in {text[:60]} the ^ binds the first alternative and the $ the last: put brackets around them"
        yield ApiHit(message, ("pattern",), node.key)
    elif found.counted and not found.anchors and not _reaches_the_ends(text):
        yield ApiHit(f"{text[:60]} is not anchored: any text that contains a match passes", ("pattern",), node.key)


def _reaches_the_ends(text: str) -> bool:
    """Whether the pattern says itself that anything may stand before and after."""
    return text.startswith((".*", ".+", "\\A")) or text.endswith((".*", ".+"))


RULE = ApiRule(
    id="schema-pattern-valid",
    claim="A pattern is a regular expression of ECMA-262 and anchored where it counts characters.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Validators fail on the whole schema, or the pattern lets through what it was written to keep out: "
        "[0-9]{5} passes for x1234567y."
    ),
    unless=(
        "The pattern looks for a plain text, has an anchor, a word boundary or a lookaround, "
        "or begins or ends with a repeated full stop."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("pattern",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Address:
      type: object
      properties:
        zip: {type: string, pattern: '[0-9]{5}'}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Address:
      type: object
      properties:
        zip: {type: string, pattern: '^[0-9]{5}$'}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.3.3",
        "https://json-schema.org/draft/2020-12/json-schema-core#section-6.4",
        "https://tc39.es/ecma262/#sec-patterns",
    ),
)
