"""What makes a schema no schema: syntax, and what the specification forbids."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.formats.graphql.document import SdlDocument
from knowledge.graphql.validity import problems
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every fault a parser or a schema builder would stop at, and those behind it."""
    for owner, problem in problems(document):
        yield GraphqlHit(owner, owner, problem.message, problem.line, problem.column)


RULE = GraphqlRule(
    id="gql-valid-sdl",
    claim="The schema is valid under the GraphQL specification.",
    family="graphql",
    severity=Severity.HIGH,
    why=(
        "Servers refuse to start on it, clients and code generators refuse to read it; "
        "which of them stops where differs."
    ),
    unless="The text is one of several files of a schema: give them together.",
    profile=Profile.DEFAULT,
    check=check,
    failing=('type Query {\n  "The greeting."\n  hello: String\n  hello: Greeting\n}\n'),
    passing=('type Query {\n  "The greeting."\n  hello: String\n}\n'),
    sources=(
        "https://spec.graphql.org/September2025/#sec-Type-System",
        "https://the-guild.dev/graphql/eslint/rules/unique-field-definition-names",
    ),
)
