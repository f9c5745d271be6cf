"""Every rule about GraphQL schemas finds its own fault, and nothing in its good twin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.formats.graphql.read import read_sdl
from knowledge.graphql.review import PROFILES, selected
from knowledge.rules import graphql_rules
from knowledge.rules.graphql_rule import GraphqlPolicy, GraphqlRule

RULES = graphql_rules()
WANTED = (
    "valid-sdl naming described unreachable deprecation id-field enum-values mutation-shape nullable-root one-of "
    "connection sorted"
).split()

BAD = {
    "gql-valid-sdl": [
        "type Query { a: Int",
        "type Query { a: Nope }",
        "type Query { a: Int @unknown }",
        "type Query { a: Int @deprecated(why: 1) }",
        "directive @cost(by: Int!) on FIELD_DEFINITION\ntype Query { a: Int @cost }",
        "type Query { a: Int }\ntype Query { b: Int }",
        "type Query { a: Int }\nextend type Missing { b: Int }",
        "type Query { a: I }\ninput I { a: Int }",
        "type Query { a: Int }\ninterface Named { name: String }\ntype User implements Named { id: ID! }",
        "type Query { a(by: A): Int }\ninput A { b: B! }\ninput B { a: A! }",
        "enum E { A A }\ntype Query { e: E }",
        "type Mutation { a: Int }",
        "type Query { a: Int }\nquery { a }",
        "type Query { a: Int @deprecated(reason: 1) }",
        "",
    ],
    "gql-naming": [
        "type Query { a_b: Int }",
        "type Query { a(Some_thing: Int): Int }",
        "enum State { open }\ntype Query { s: State }",
        "input some_input { a: Int }\ntype Query { a(by: some_input): Int }",
        "input Some { some_thing: Int }\ntype Query { a(by: Some): Int }",
        "directive @Cost on FIELD\ntype Query { a: Int }",
        "type Query { user: User }\ntype User { id: ID! userName: String }",
    ],
    "gql-described": [
        "type Query {\n  # The greeting.\n  hello: String\n}",
        '"The root." type Query {\n  """\n  A greeting.\n  """\n  hello: String\n}',
        '"""\nThe root.\n"""\ntype Query {\n  """\n  One.\n  """\n  a(\n    # How many.\n    n: Int\n  ): Int\n}',
    ],
    "gql-deprecation": [
        'type Query { a: Int @deprecated(reason: "  ") b: Int }',
        'type Query { a: Int @deprecated(reason: "Use b.") b: Int }',
        "type Query { a(n: Int @deprecated): Int }",
        "enum E { A @deprecated B }\ntype Query { e: E }",
    ],
    "gql-id-field": ["type Query { u: User }\ntype User { id: ID }", "type Query { u: User }\ntype User { id: Int! }"],
    "gql-mutation-shape": [
        "type Query { a: Int }\ntype Mutation { a(input: Int): P }\ntype P { query: Query }",
        "type Query { a: Int }\ntype Mutation { a(input: I!): P }\ninput I { a: Int }\ntype P { a: Int }",
        "type Query { a: Int }\ntype Mutation { a: P }\ntype P { query: Query }",
        "type Query { a: Int }\ntype Mutation { a(input: I): U }\ninput I { a: Int }\nunion U = P\ntype P { a: Int }",
    ],
    "gql-nullable-root": ["type Query { a: Int }\ntype Mutation { b: Int! }"],
    "gql-one-of": [
        "type Query { a(by: By): Int }\ninput By @oneOf { a: Int }",
        "type Query { a(by: By): Int }\ninput By @oneOf { a: Int = 1 b: Int }",
    ],
    "gql-connection": [
        "type Query { us(first: Int, after: ID): UConnection }\ntype UConnection { edges: [Int] pageInfo: PageInfo! }",
        "type Query { us(first: Int, after: ID): UConnection }\ntype UConnection { edges: [UEdge] pageInfo: Int }"
        "\ntype UEdge { node: Int cursor: String! }",
        "type Query { us(first: Int, after: ID): UConnection }\ntype UConnection { edges: [UEdge] pageInfo: PageInfo! }"
        "\ntype UEdge { node: [Int] }\ntype PageInfo { hasNextPage: Boolean! }",
        "type Query { us(first: Int, after: ID): UConnection }\ntype UConnection { edges: [UEdge] pageInfo: PageInfo! }"
        "\ntype UEdge { node: Int cursor: String! }\ntype PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean! "
        "startCursor: String endCursor: String }",
    ],
    "gql-sorted": [
        "type Query { a(b: Int, a: Int): Int }",
        "enum E { B A }\ntype Query { e: E }",
        "input I { b: Int a: Int }\ntype Query { a(by: I): Int }",
    ],
    "gql-unreachable": ["type Query { a: Int }\ninput Lost { a: Int }", "type Query { a: Int }\nscalar Lost"],
}
"""More faults than the record's own example has: one for every thing a rule looks at."""

GOOD = {
    "gql-valid-sdl": [
        "schema { query: Root }\ntype Root { a: Int }",
        "type Query { a: Int }\nextend type Query { b: Int }",
        "type Query { a(x: [Int!] = [1]): Int @deprecated }",
    ],
    "gql-naming": [
        "type Query { userByID(id: ID!): GPGSignature }\nscalar GPGSignature",
        "type Query { queryText: Int }",
        "type Tag { id: ID! tag: String tagged: Int }\ntype Query { t: Tag _service: Int }",
    ],
    "gql-described": [
        '# Licence: none.\n\n"""\nThe root.\n"""\ntype Query {\n  """\n  One.\n  """\n  a(n: Int): Int # no more\n}',
    ],
    "gql-unreachable": [
        "type Query { n: Node }\ninterface Node { id: ID! }\ntype A implements Node { id: ID! }",
        "type Query { u: U }\nunion U = A | B\ntype A { a: Int }\ntype B { a(by: I): E }\ninput I { j: J }\n"
        "input J { a: Int }\nenum E { X }",
        "directive @d(e: E) on FIELD\nenum E { X }\ntype Query { a: Int }",
        "type A { a: Int }",
    ],
    "gql-deprecation": ['type Query { a: Int @deprecated(reason: "Use b; gone on 31/01/2027.") b: Int }'],
    "gql-id-field": ["type Query { c: UserConnection }\ntype UserConnection { edges: [Int] }"],
    "gql-nullable-root": ["type Query { a: [Int!] }\ntype Subscription { b: Int! }"],
    "gql-enum-values": ["enum A { X }\nenum B { x }\ntype Query { a: A b: B }"],
    "gql-connection": [
        "type Query { us(last: Int, before: ID): UConnection }\ntype UConnection { edges: [UEdge!]! "
        "pageInfo: PageInfo! }\ntype UEdge { node: Int! cursor: Cursor! }\nscalar Cursor\n"
        "type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: Cursor endCursor: Cursor }",
    ],
}


def found_by(rule: GraphqlRule, text: str, policy: GraphqlPolicy | None = None) -> list[str]:
    return [hit.message for hit in rule.check(read_sdl(text), policy or rule.policy)]


def by_id(rule_id: str) -> GraphqlRule:
    return next(rule for rule in RULES if rule.id == rule_id)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_of_a_rule_is_found_and_the_good_one_is_not(rule: GraphqlRule) -> None:
    assert found_by(rule, rule.failing)
    assert found_by(rule, rule.passing) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_good_example_of_a_rule_is_good_by_the_default_profile(rule: GraphqlRule) -> None:
    assert [message for other in selected("default") for message in found_by(other, rule.passing)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_only_the_rule_about_validity_speaks_of_invalid_schemas(rule: GraphqlRule) -> None:
    broken = found_by(by_id("gql-valid-sdl"), rule.failing)
    assert bool(broken) == (rule.id == "gql-valid-sdl")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_record_is_complete(rule: GraphqlRule) -> None:
    assert rule.family == "graphql" and rule.sources
    assert rule.claim.endswith(".") and rule.why.endswith(".") and rule.unless.endswith(".")
    assert all(source.startswith("https://") for source in rule.sources)


def test_there_is_a_rule_for_everything_the_text_can_tell() -> None:
    assert sorted(rule.id for rule in RULES) == sorted(f"gql-{name}" for name in WANTED)


@pytest.mark.parametrize(("rule_id", "text"), [(rule, text) for rule, texts in BAD.items() for text in texts])
def test_every_fault_a_rule_looks_for_is_found(rule_id: str, text: str) -> None:
    assert len(found_by(by_id(rule_id), text)) >= 1


@pytest.mark.parametrize(("rule_id", "text"), [(rule, text) for rule, texts in GOOD.items() for text in texts])
def test_what_is_in_order_is_left_alone(rule_id: str, text: str) -> None:
    assert found_by(by_id(rule_id), text) == []


def test_an_operation_is_forbidden_only_where_the_house_says_so() -> None:
    rule = by_id("gql-nullable-root")
    text = "type Query { a: Int }\ntype Subscription { b: Int }"
    assert found_by(rule, text) == []
    (message,) = found_by(rule, text, GraphqlPolicy(forbidden_roots=frozenset({"subscription"})))
    assert "subscriptions" in message


def test_what_stands_in_the_default_profile_stands_in_all_of_them() -> None:
    default = set(selected("default"))
    assert {rule.id for rule in default} == {"gql-valid-sdl", "gql-one-of", "gql-connection"}
    assert all(default <= set(selected(profile)) for profile in PROFILES)
    assert {rule.id for rule in RULES} - {rule.id for rule in selected("all")} == {"gql-sorted"}
    assert [rule.id for rule in selected("default", ["gql-sorted"])] == ["gql-sorted"]


@pytest.mark.parametrize(("profile", "only"), [("none", ()), ("default", ("gql-none",))])
def test_a_profile_or_rule_that_does_not_exist_is_refused(profile: str, only: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no such"):
        selected(profile, only)


def test_a_rule_that_looks_at_nothing_would_be_noticed() -> None:
    blind = replace(by_id("gql-naming"), check=lambda _document, _policy: ())
    assert found_by(blind, blind.failing) == []
