"""Inputs of which exactly one field is given."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import NonNullTypeNode

from knowledge.formats.graphql.document import SdlDocument, TypeKind, directive
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every field of a @oneOf input that must be given or has a default, and inputs that leave no choice."""
    for kind in document.types.values():
        if kind.kind is not TypeKind.INPUT or directive(kind.directives, "oneOf") is None:
            continue
        for name, node in kind.inputs.items():
            path = f"{kind.name}.{name}"
            if isinstance(node.type, NonNullTypeNode):
                yield hit(
                    kind.name, path, f"{path} must always be given, so no other field of the choice ever can", node
                )
            if node.default_value is not None:
                yield hit(kind.name, path, f"{path} has a default, so it would be given beside any other", node)
        if len(kind.inputs) == 1:
            yield hit(kind.name, kind.name, f"{kind.name} is a choice of one", kind.node)


RULE = GraphqlRule(
    id="gql-one-of",
    claim="Fields of a @oneOf input are nullable, have no default, and there are at least two of them.",
    family="graphql",
    severity=Severity.HIGH,
    why=("The specification demands it: servers refuse a schema whose choice is no choice."),
    unless="The input is no @oneOf.",
    profile=Profile.DEFAULT,
    check=check,
    failing=("type Query {\n  user(by: UserBy!): String\n}\n\ninput UserBy @oneOf {\n  id: ID!\n  email: String\n}\n"),
    passing=("type Query {\n  user(by: UserBy!): String\n}\n\ninput UserBy @oneOf {\n  id: ID\n  email: String\n}\n"),
    sources=(
        "https://spec.graphql.org/September2025/#sec-OneOf-Input-Objects",
        "https://the-guild.dev/graphql/eslint/rules/require-nullable-fields-with-oneof",
    ),
)
