"""Conditions as EXPLAIN prints them are read for what an index could serve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rules.plans._conditions import branches, clauses, columns_of, names


@pytest.mark.parametrize(
    ("condition", "kinds"),
    [
        ("(status = 'open'::text)", ["compare ="]),
        ("((status)::text = 'open'::text)", ["compare ="]),
        ("((tenant = 5) AND (state = 'a b'::text))", ["compare =", "compare ="]),
        ("(id = ANY ('{1,2}'::integer[]))", ["compare in"]),
        ("(created >= (now() - '1 day'::interval))", ["compare >="]),
        ("(total > (InitPlan 1).col1)", ["compare >"]),
        ("(total > $0)", ["compare >"]),
        ("active", ["compare ="]),
        ("(NOT active)", ["compare ="]),
        ("(a.id = b.a_id)", ["join ="]),
        ("(a.low < a.high)", ["other <"]),
        ("(deleted IS NULL)", ["null "]),
        ("((a = 1) OR (b = 2))", ["or "]),
        ("(lower(name) = 'x'::text)", ["other "]),
        ("((id % 2) = 0)", ["other "]),
        ("(random() < '0.5'::double precision)", ["other "]),
        ("(id = (SubPlan 1))", ["other "]),
        ("(NOT (hashed SubPlan 1))", ["other "]),
        ("(total > random())", ["other "]),
        ("(shop.orders.id = 5)", ["compare ="]),
        ('("Order"."Id" = 5)', ["compare ="]),
    ],
)
def test_each_part_of_a_condition_is_known_for_what_it_is(condition: str, kinds: list[str]) -> None:
    assert [f"{clause.kind} {clause.operator}" for clause in clauses(condition)] == kinds


@pytest.mark.parametrize(
    ("condition", "indexable"),
    [
        ("(n > 5)", True),
        ("(n = ANY ('{1,2}'::integer[]))", True),
        ("(n <> 5)", False),
        ("(name ~~ '%x'::text)", False),
        ("(n IS NOT NULL)", False),
    ],
)
def test_only_comparisons_of_a_btree_are_what_a_plain_index_serves(condition: str, indexable: bool) -> None:
    assert [clause.is_indexable for clause in clauses(condition)] == [indexable]


def test_columns_are_named_once_and_in_their_order() -> None:
    assert names(columns_of("((b = 1) AND ((a = 2) OR (b = 3)))")) == "b, a"


def test_the_branches_of_an_or_keep_their_tables() -> None:
    found = branches("((a.id = b.id) AND ((a.x = 5) OR (b.y = 7)))")
    assert [[column.table for column in branch] for branch in found] == [["a"], ["b"]]


@given(st.text(max_size=40))
def test_what_is_no_condition_has_no_parts_or_some_and_never_fails(text: str) -> None:
    assert isinstance(clauses(text), tuple)
    assert isinstance(branches(text), tuple)


def test_a_condition_nested_beyond_reason_is_left_unread() -> None:
    assert clauses("(" * 20_000 + "a = 1" + ")" * 20_000) == ()
    assert clauses("NOT " * 20_000 + "a") == ()
