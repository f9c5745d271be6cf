"""Two versions of a schema: every kind of change is told, with its level and its place."""

from __future__ import annotations

import re

import pytest
from graphql import build_schema, validate_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes
from graphql_pairs import BASE, PAIRS, Pair
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.graphql.change import Change, Level, inverse
from knowledge.graphql.diff import compare_sdl

PARTS = "field field-argument input-field enum-value directive-argument".split()
PLACES = "schema scalar object interface union enum input field argument input-field enum-value".split()


def both(*names: str) -> set[str]:
    return {f"{name}-{end}" for name in names for end in ("added", "removed")}


def all_three(*names: str) -> set[str]:
    return both(*names) | {f"{name}-changed" for name in names}


KINDS = (
    both("type", *PARTS, "union-member", "interface", "directive", "directive-location", "directive-repeatable")
    | both(*(f"directive-usage-{place}" for place in PLACES), "one-of", *(f"{part}-deprecation" for part in PARTS[:4]))
    | {"type-kind-changed", "field-type-changed", "field-argument-type-changed", "input-field-type-changed"}
    | {"directive-argument-type-changed"}
    | both("directive-usage-argument")
    | all_three("query-root", "mutation-root", "subscription-root") - both("query-root")
    | all_three("specified-by", "field-argument-default", "input-field-default", "directive-argument-default")
    | all_three(*(f"{part}-description" for part in (*PARTS, "type", "directive", "schema")))
    | all_three(*(f"{part}-deprecation-reason" for part in PARTS[:4]))
)
LOOSE = re.compile(r"(query|mutation|subscription)-root-changed|.*-description-.*|.*-deprecation-reason-.*")
"""Kinds that one of their siblings in the pairs stands for: they differ in a word and share the code."""


def told(change: Change) -> str:
    return f"{change.kind} {change.path} {change.level}"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.was.strip()} to {pair.now.strip()}")
def test_every_change_is_told_with_its_level(pair: Pair) -> None:
    assert sorted(map(told, compare_sdl(pair.old, pair.new))) == sorted(pair.changes)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.now.strip()} to {pair.was.strip()}")
def test_exchanged_schemas_give_the_opposite_changes(pair: Pair) -> None:
    there, back = compare_sdl(pair.old, pair.new), compare_sdl(pair.new, pair.old)
    assert sorted((inverse(one.kind), one.path) for one in there) == sorted((one.kind, one.path) for one in back)
    assert sorted((str(one.new), str(one.old)) for one in there) == sorted((str(one.old), str(one.new)) for one in back)


def test_there_are_pairs_for_the_kinds() -> None:
    seen = {change.split()[0] for pair in PAIRS for change in pair.changes}
    seen |= {inverse(kind) for kind in seen}
    assert len(PAIRS) >= 110
    assert seen - KINDS <= {"directive-usage-argument-changed"}
    assert {kind for kind in KINDS - seen if not LOOSE.fullmatch(kind)} == set()
    assert len(KINDS) >= 80


@pytest.mark.parametrize("text", [BASE, "type Query { a: Int", "", PAIRS[-1].new])
def test_a_schema_does_not_differ_from_itself(text: str) -> None:
    assert compare_sdl(text, text) == ()


def test_a_part_that_moves_to_an_extension_is_no_change() -> None:
    moved = BASE.replace(" text: String }", " }\nextend input Filter { text: String }")
    assert compare_sdl(BASE, moved) == ()


def test_a_value_written_otherwise_is_no_change() -> None:
    old = 'input I { a: A = {x: "1", y: [2]} } input A { x: String y: [Int] } type Query { a(i: I): Int }'
    new = 'type Query { a(i: I): Int } input I { a: A = {y: [2], x: """1"""} } input A { x: String y: [Int] }'
    assert compare_sdl(old, new) == ()


def test_a_change_says_where_it_stands_in_both_texts() -> None:
    (change,) = compare_sdl("type Query {\n  a: Int\n}", "type Query {\n\n  a: Int!\n}")
    assert (change.old.line, change.old.column) == (2, 3)
    assert (change.new.line, change.new.column) == (3, 3)


def test_messages_are_written_for_those_who_call() -> None:
    gone = compare_sdl(BASE, BASE.replace('old: Int @deprecated(reason: "Gone.")', ""))
    assert [one.message for one in gone] == ["Requests that ask for User.old are refused; it was deprecated: Gone."]
    given = compare_sdl(BASE, BASE.replace("posts: [Post]", "posts(n: Int!): [Post]"))
    assert "required from the start" in given[0].message


CORE_DIFFERS = {
    "directive-removed @auth": "no client can write the directive",
    "directive-location-removed @cost.FIELD_DEFINITION": "no client can write it there",
    "directive-repeatable-removed @auth": "no client can write the directive",
    "directive-argument-default-removed @cost.by": "what may be left out must be given",
    "query-root-changed schema.query": "graphql-core does not look at roots",
    "mutation-root-changed schema.mutation": "graphql-core does not look at roots",
    "mutation-root-removed schema.mutation": "graphql-core does not look at roots",
    "one-of-added Filter": "graphql-core does not look at @oneOf",
}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.was.strip()} to {pair.now.strip()}")
def test_what_graphql_core_finds_breaking_or_dangerous_is_found_so(pair: Pair) -> None:
    old, new = build_schema(pair.old), build_schema(pair.new, assume_valid=True)
    ours = compare_sdl(pair.old, pair.new)
    if any(f"{one.kind} {one.path}" in CORE_DIFFERS for one in ours):
        return
    breaking = [one for one in ours if one.level is Level.BREAKING]
    assert len(breaking) == len(find_breaking_changes(old, new))
    if not breaking:
        harmful = [one for one in ours if one.level is Level.DANGEROUS and "usage" not in one.kind]
        assert bool(harmful) >= bool(find_dangerous_changes(old, new)) or ours[0].kind == "enum-value-added"


def test_the_base_schema_is_valid() -> None:
    assert validate_schema(build_schema(BASE)) == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_schemas_are_compared_without_an_error_and_both_ways_alike(data: st.DataObject) -> None:
    def damaged() -> str:
        start = data.draw(st.integers(0, len(BASE)))
        return BASE[:start] + data.draw(st.sampled_from(["", "}", "{", '"""', "type", "@", "#"])) + BASE[start + 3 :]

    old, new = damaged(), damaged()
    there, back = compare_sdl(old, new), compare_sdl(new, old)
    assert sorted((inverse(one.kind), one.path) for one in there) == sorted((one.kind, one.path) for one in back)
    assert compare_sdl(old, old) == ()
