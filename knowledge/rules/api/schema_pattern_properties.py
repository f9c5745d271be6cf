"""Patterns for names of properties that have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._pattern import PatternError, read_pattern
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """patternProperties before 3.1, empty ones, and those whose patterns are invalid or not anchored."""
    found = node.value["patternProperties"]
    if context.version != "3.1":
        yield ApiHit(f"OpenAPI {context.version} has no patternProperties: they are ignored", ("patternProperties",))
        return
    if not isinstance(found, Mapping) or not found:
        yield ApiHit("patternProperties says nothing: it has no pattern", ("patternProperties",))
        return
    for text in found:
        try:
            pattern = read_pattern(text)
        except PatternError as error:
            message = f"{text[:60]} is no regular expression of ECMA-262: {error}"
            yield ApiHit(message, ("patternProperties", text), text)
            continue
        if pattern.half_anchored or (pattern.counted and not pattern.anchors and not text.endswith(".*")):
            yield ApiHit(
                f"{text[:60]} is not anchored: it holds for longer names too", ("patternProperties", text), text
            )


RULE = ApiRule(
    id="schema-pattern-properties",
    claim="patternProperties has anchored regular expressions, in a version that knows it.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "A pattern that is not anchored holds for every name that contains a match: members that nobody "
        "foresaw pass or are refused."
    ),
    unless="The pattern looks for a plain text, such as a prefix, has an anchor, or ends with a repeated full stop.",
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("patternProperties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Labels:
      type: object
      patternProperties:
        '[a-z]+': {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Labels:
      type: object
      patternProperties:
        '^[a-z]+$': {type: string}
""",
    sources=("https://json-schema.org/draft/2020-12/json-schema-core#section-10.3.2.2",),
)
