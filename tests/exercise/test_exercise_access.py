"""The access matrix: whole on a sound program, and wrong in the one cell a fault opens."""

from __future__ import annotations

import pytest
from lawful_help import lawful

from backend.exercise.access import AccessMatrix, access_matrix


async def matrix(bugs: str = "", *, blueprint: bool = True) -> AccessMatrix:
    async with lawful(bugs, blueprint=blueprint) as subject:
        return await access_matrix(subject)


async def test_every_operation_answers_every_caller_as_the_blueprint_says() -> None:
    found = await matrix()
    assert found.failures == []
    assert found.untested == []
    assert len(found.cells) == 30 * 5
    assert found.cell("GET /api/v1/tickets", "other_tenant").listed is False
    assert found.cell("DELETE /api/v1/articles/{article_id}", "admin").observed == 204
    assert "GET /api/v1/tickets                                     401        200+   200+   200-" in found.table()


@pytest.mark.parametrize(
    ("bug", "operation", "caller", "observed"),
    [
        ("no-owner-check", "DELETE /api/v1/articles/{article_id}", "other", 204),
        ("no-role-check", "DELETE /api/v1/authors/{author_id}", "owner", 204),
        ("anonymous-writes", "POST /api/v1/authors", "anonymous", 201),
        ("tenant-open", "GET /api/v1/tickets/{ticket_id}", "other_tenant", 200),
        ("tenant-list", "GET /api/v1/tickets", "other_tenant", 200),
    ],
)
async def test_an_open_door_is_seen(bug: str, operation: str, caller: str, observed: int) -> None:
    found = await matrix(bug)
    cell = found.cell(operation, caller)
    assert (cell.sound, cell.observed) == (False, observed)
    assert any(failure.operation == operation and caller in failure.message for failure in found.failures)
    assert "!" in found.table()


async def test_without_a_blueprint_the_contract_and_the_rows_say_what_may_be_expected() -> None:
    found = await matrix(blueprint=False)
    assert found.failures == []
    assert found.cell("POST /api/v1/authors", "anonymous").basis == "the operation's security in the contract"
    assert "whose it is" in found.cell("PATCH /api/v1/authors/{author_id}", "other").reason
    opened = await matrix("no-owner-check,anonymous-writes", blueprint=False)
    wrong = {(cell.operation, cell.caller): cell.observed for cell in opened.cells if "!" in cell.shown}
    assert wrong["PATCH /api/v1/articles/{article_id}", "other"] == 200
    assert wrong["DELETE /api/v1/tickets/{ticket_id}", "other"] == 204
    assert wrong["POST /api/v1/authors", "anonymous"] == 201
