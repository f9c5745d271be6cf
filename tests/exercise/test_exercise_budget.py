"""Statements of each operation: constant on a sound program, one for each row in its twin."""

from __future__ import annotations

import dataclasses

import pytest
from lawful_help import lawful

from backend.exercise.budget import shape, statement_budget

SELF = {"POST /api/v1/members": "a caller has one such row, and has it already"}


async def test_a_sound_backend_runs_as_many_statements_for_many_rows_as_for_few() -> None:
    async with lawful() as subject:
        found = await statement_budget(subject)
    assert (found.failures, found.untested) == ([], SELF)
    assert len(found.measures) == 25
    assert found.requests < 500
    by_operation = {each.operation: (len(each.few), len(each.many), each.lean) for each in found.measures}
    assert by_operation["GET /api/v1/authors"] == (2, 2, 2)
    assert by_operation["GET /api/v1/articles"] == (2, 2, 1)
    assert by_operation["GET /api/v1/tickets/{ticket_id}"] == (1, 1, 1)
    assert "GET /api/v1/articles                      2    2     1" in found.table()


async def test_a_statement_for_each_row_is_seen_and_shown() -> None:
    async with lawful("n-plus-one") as subject:
        found = await statement_budget(subject)
    assert {failure.operation for failure in found.failures} == {
        "GET /api/v1/articles",
        "GET /api/v1/authors/{author_id}/articles",
    }
    failure = found.failures[0]
    assert failure.check == "budget.n-plus-one"
    assert failure.message == (
        "2 statements for few rows and 21 for 20; repeated is: SELECT * FROM authors WHERE id = ?"
    )
    assert len(failure.exchanges[0].answer.statements) == 21


async def test_a_bound_is_enforced_only_where_it_is_given() -> None:
    async with lawful() as subject:
        found = await statement_budget(subject, {"get": 0, "GET /api/v1/authors": 2})
    assert {failure.check for failure in found.failures} == {"budget.over"}
    assert len(found.failures) == 5


async def test_a_target_that_shows_no_statements_is_not_measured() -> None:
    async with lawful() as subject:
        subject.target.observes_sql = False
        found = await statement_budget(dataclasses.replace(subject))
    assert (found.measures, found.untested.keys()) == ([], {"everything"})


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("SELECT *\n FROM a WHERE id = $1", "SELECT * FROM a WHERE id = ?"),
        ("SELECT 1 FROM a WHERE b IN ($1::UUID, $2::UUID)", "SELECT ? FROM a WHERE b IN (?)"),
        ("SELECT a FROM b WHERE c = 'it''s' LIMIT 20", "SELECT a FROM b WHERE c = ? LIMIT ?"),
    ],
)
def test_statements_are_compared_without_their_values(statement: str, wanted: str) -> None:
    assert shape(statement) == wanted
