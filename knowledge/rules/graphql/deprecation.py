"""Deprecations that say why and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql.language import ConstDirectiveNode, Node, StringValueNode

from knowledge.formats.graphql.document import SdlDocument, arguments, described_parts, directive
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{4}\b")
_DATES = ("deletionDate", "removalDate", "sunset")
_UNSAID = "No longer supported"


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every @deprecated without a reason, or without the day on which the part goes."""
    for owner, path, node in _parts(document):
        used = directive(getattr(node, "directives", None), "deprecated")
        if used is None:
            continue
        given = _given(used)
        reason = given.get("reason", "").strip()
        if not reason or reason == _UNSAID:
            yield hit(owner, path, f"{path} is deprecated without a reason: say what takes its place", used)
        elif not _DATE.search(" ".join([reason, *(given.get(name, "") for name in _DATES)])):
            yield hit(owner, path, f"{path} is deprecated without a date of removal (YYYY-MM-DD)", used)


def _given(used: ConstDirectiveNode) -> dict[str, str]:
    return {one.name.value: one.value.value for one in used.arguments or () if isinstance(one.value, StringValueNode)}


def _parts(document: SdlDocument) -> Iterator[tuple[str, str, Node]]:
    for kind in document.types.values():
        for path, node in described_parts(kind):
            yield kind.name, path, node
    for name, definition in document.directives.items():
        for argument, part in arguments(definition).items():
            yield f"@{name}", f"@{name}.{argument}", part


RULE = GraphqlRule(
    id="gql-deprecation",
    claim="@deprecated says what to use instead and when the part goes.",
    family="graphql",
    severity=Severity.LOW,
    why=(
        "Who is told only that something is deprecated neither knows what to call nor how long there is to change it."
    ),
    unless="The day of removal is announced elsewhere.",
    profile=Profile.DOCUMENTATION,
    check=check,
    failing=("type Query {\n  hello: String @deprecated\n  greeting: String\n}\n"),
    passing=(
        "type Query {\n"
        '  hello: String @deprecated(reason: "Use greeting; removed on 2027-01-31.")\n'
        "  greeting: String\n"
        "}\n"
    ),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/require-deprecation-reason",
        "https://the-guild.dev/graphql/eslint/rules/require-deprecation-date",
    ),
)
