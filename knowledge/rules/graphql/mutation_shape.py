"""Mutations that can grow: one input, an object as the answer, and a way back into the graph."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import FieldDefinitionNode

from knowledge.formats.graphql.document import SdlDocument, SdlType, TypeKind, arguments, named_type
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every mutation with other arguments than ``input``, or whose answer cannot grow or be asked further."""
    root = document.types.get(document.roots.get("mutation", ""))
    for name, node in root.fields.items() if root else ():
        assert root is not None
        for message in _faults(document, name, node):
            yield hit(root.name, f"{root.name}.{name}", message, node)


def _faults(document: SdlDocument, name: str, node: FieldDefinitionNode) -> Iterator[str]:
    takes = arguments(node)
    if list(takes) != ["input"]:
        given = ", ".join(takes) or "nothing"
        yield f"{name} takes {given}, not one argument called input"
    elif _kind(document, named_type(takes["input"].type)) is not TypeKind.INPUT:
        yield f"the input of {name} is {named_type(takes['input'].type)}, not an input type"
    answer = document.types.get(named_type(node.type))
    if answer is None or answer.kind in (TypeKind.SCALAR, TypeKind.ENUM):
        yield f"{name} answers {named_type(node.type)}, to which nothing can be added: answer an object"
    elif not _leads_back(document, answer):
        yield f"{answer.name}, the answer of {name}, has no field query: what changed cannot be fetched with it"


def _kind(document: SdlDocument, name: str) -> TypeKind | None:
    return document.types[name].kind if name in document.types else None


def _leads_back(document: SdlDocument, answer: SdlType) -> bool:
    if answer.kind is TypeKind.UNION:
        return all(_leads_back(document, document.types[name]) for name in answer.members if name in document.types)
    query = document.roots.get("query", "")
    return any(named_type(field.type) == query for field in answer.fields.values())


RULE = GraphqlRule(
    id="gql-mutation-shape",
    claim="A mutation takes one argument called input and answers an object that has a field of the query type.",
    family="graphql",
    severity=Severity.LOW,
    why=("An argument or a scalar cannot be extended without breaking clients; an input type and a payload can."),
    unless="The mutations are called by your own clients only, released together with the server.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  user: String\n}\n\ntype Mutation {\n  rename(id: ID!, name: String!): Boolean\n}\n"),
    passing=(
        "type Query {\n"
        "  user: String\n"
        "}\n"
        "\n"
        "type Mutation {\n"
        "  rename(input: RenameInput!): RenamePayload\n"
        "}\n"
        "\n"
        "input RenameInput {\n"
        "  id: ID!\n"
        "  name: String!\n"
        "}\n"
        "\n"
        "type RenamePayload {\n"
        "  done: Boolean\n"
        "  query: Query\n"
        "}\n"
    ),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/input-name",
        "https://the-guild.dev/graphql/eslint/rules/no-scalar-result-type-on-mutation",
        "https://the-guild.dev/graphql/eslint/rules/require-field-of-type-query-in-mutation-result",
    ),
)
