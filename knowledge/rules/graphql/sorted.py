"""Parts in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from graphql.language import Node

from knowledge.formats.graphql.document import SdlDocument, SdlType, arguments
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every list of parts that is not sorted; the first part out of order is named."""
    for kind in document.types.values():
        for path, parts in _lists(kind):
            late = next((name for before, name in pairwise(parts) if name.lower() < before.lower()), "")
            if late:
                yield hit(kind.name, f"{path}.{late}", f"{late} stands behind names that come after it", parts[late])


def _lists(kind: SdlType) -> Iterator[tuple[str, Mapping[str, Node]]]:
    yield from ((kind.name, parts) for parts in (kind.fields, kind.inputs, kind.values))
    for name, node in kind.fields.items():
        yield f"{kind.name}.{name}", arguments(node)


RULE = GraphqlRule(
    id="gql-sorted",
    claim="Fields, arguments, input fields and enum values are in alphabetical order.",
    family="graphql",
    severity=Severity.LOW,
    why=("In long types a sorted list shows where something is, and two branches seldom add to the same line."),
    unless="The order tells something: it is what introspection and explorers show.",
    profile=Profile.STYLE,
    opt_in=True,
    check=check,
    failing=("type Query {\n  users: String\n  accounts: String\n}\n"),
    passing=("type Query {\n  accounts: String\n  users: String\n}\n"),
    sources=("https://the-guild.dev/graphql/eslint/rules/alphabetize",),
)
