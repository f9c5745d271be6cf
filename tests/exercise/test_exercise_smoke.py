"""Smoke: every operation is reached, and what does not work is told with its request."""

from __future__ import annotations

import pytest
from exercise_help import subject

from backend.exercise.smoke import smoke


@pytest.mark.parametrize("auth", [False, True])
async def test_every_operation_of_a_sound_backend_answers(auth: bool) -> None:
    async with subject(auth=auth) as backend:
        rows, failures = await smoke(backend)
        assert [row.operation for row in rows] == [each.label for each in backend.contract.operations]
    assert failures == []
    assert {row.status for row in rows} == {200, 201, 204}
    assert all(row.milliseconds > 0 and not row.reason for row in rows)
    assert next(row for row in rows if row.operation == "GET /api/v1/posts").statements == 2


async def test_what_does_not_work_is_told() -> None:
    async with subject("wrong-status,schema-violation") as backend:
        rows, failures = await smoke(backend)
    assert {failure.check for failure in failures} == {"smoke.undocumented-status", "smoke.schema-violation"}
    assert all(failure.exchanges for failure in failures)
    assert len(rows) == 11
