"""Root fields that can fail alone, and root types the house does not want."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import NonNullTypeNode

from knowledge.formats.graphql.document import SdlDocument
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every field of Query and Mutation that is never null, and every operation that is forbidden."""
    for operation, name in document.roots.items():
        root = document.types.get(name)
        if root is None:
            continue
        if operation in policy.forbidden_roots:
            yield hit(name, name, f"the schema offers {operation}s, which are not allowed here", root.node)
        for field, node in root.fields.items() if operation != "subscription" else ():
            if isinstance(node.type, NonNullTypeNode):
                path = f"{name}.{field}"
                yield hit(name, path, f"{path} is never null: when it fails, everything else asked for is lost", node)


RULE = GraphqlRule(
    id="gql-nullable-root",
    claim="Fields of root types may be null, and only operations that are allowed are offered.",
    family="graphql",
    severity=Severity.LOW,
    why=("An error in a field that is never null makes the whole answer null, also what other fields brought."),
    unless="A request asks for one root field at a time.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  hello: String!\n}\n"),
    passing=("type Query {\n  hello: String\n}\n"),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/require-nullable-result-in-root",
        "https://the-guild.dev/graphql/eslint/rules/no-root-type",
    ),
)
