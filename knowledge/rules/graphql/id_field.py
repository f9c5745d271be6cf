"""Object types that a client can keep apart."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import print_ast

from knowledge.formats.graphql.document import SdlDocument, TypeKind
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit

_WITHOUT = ("Connection", "Edge", "PageInfo", "Page", "Payload", "Result", "Error", "Meta", "Info", "Stats")
"""Ends of names of types that are no things of their own: pages, answers, errors, figures."""


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every object type whose ``id`` is missing or is not ``ID!``."""
    roots = frozenset(document.roots.values())
    for name, kind in document.types.items():
        if kind.kind is not TypeKind.OBJECT or name in roots or name.endswith(_WITHOUT) or not kind.fields:
            continue
        node = kind.fields.get("id")
        if node is None:
            yield hit(name, name, f"{name} has no field id: ID!", kind.node)
        elif print_ast(node.type) != "ID!":
            yield hit(name, f"{name}.id", f"{name}.id is {print_ast(node.type)}, not ID!", node)


RULE = GraphqlRule(
    id="gql-id-field",
    claim="Every object type that stands for a thing has a field id: ID!.",
    family="graphql",
    severity=Severity.LOW,
    why=(
        "Clients keep what they fetched by type and id; without one the same row is held twice, "
        "and changes reach one copy."
    ),
    unless="The type is a value (money, a point on a map) or belongs to a page or an answer.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  user: User\n}\n\ntype User {\n  email: String\n}\n"),
    passing=("type Query {\n  user: User\n}\n\ntype User {\n  id: ID!\n  email: String\n}\n"),
    sources=("https://the-guild.dev/graphql/eslint/rules/strict-id-in-types",),
)
