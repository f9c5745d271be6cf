"""Values of an enum that differ only in case."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.formats.graphql.document import SdlDocument
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every value that is another one in upper or lower case."""
    for kind in document.types.values():
        seen: dict[str, str] = {}
        for name, node in kind.values.items():
            other = seen.setdefault(name.lower(), name)
            if other != name:
                yield hit(kind.name, f"{kind.name}.{name}", f"{name} and {other} differ only in case", node)


RULE = GraphqlRule(
    id="gql-enum-values",
    claim="No two values of an enum differ only in case.",
    family="graphql",
    severity=Severity.MEDIUM,
    why=("Generators that write the values in the case of their language make one constant of two, or do not compile."),
    unless="No client is generated.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  state: State\n}\n\nenum State {\n  OPEN\n  Open\n}\n"),
    passing=("type Query {\n  state: State\n}\n\nenum State {\n  OPEN\n  CLOSED\n}\n"),
    sources=("https://the-guild.dev/graphql/eslint/rules/unique-enum-value-names",),
)
