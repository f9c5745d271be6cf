"""Every route of the examples with every kind of caller, on both engines: the answers the blueprint promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendered_backends import ENGINES, started
from rendered_matrix import broken_promises
from rendered_projects import EXAMPLES, example, running, write_project

from backend.engines.postgres.host import PostgresHost


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_caller_gets_from_every_route_what_the_blueprint_promises(
    name: str, engine: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with started(name, engine, tmp_path, postgres) as backend:
        assert await broken_promises(backend) == []


@pytest.mark.parametrize(
    ("module", "guard", "without", "operation"),
    [
        ("loans/access.py", "if row is None or not may_read(caller, row):", "if row is None:", "get_loan"),
        ("books/queries.py", 'Book.tenant_id == bindparam("tenant_id")', "Book.id == Book.id", "get_book"),
        ("books/service.py", 'caller.require_role("librarian")', "pass", "delete_book"),
        ("loans/service.py", 'where["owner_id"] = caller.id', "pass", "list_loans"),
        ("loans/routes.py", "await find_member(", "(", "list_member_loans"),
    ],
)
async def test_an_application_without_one_of_its_guards_breaks_a_promise(
    module: str, guard: str, without: str, operation: str, tmp_path: Path
) -> None:
    blueprint = example("every_feature")
    folder = write_project(blueprint, tmp_path / "project")
    edited = folder / "app" / module
    text = edited.read_text(encoding="utf-8")
    assert guard in text
    edited.write_text(text.replace(guard, without), encoding="utf-8")
    async with running(blueprint, folder, f"sqlite+aiosqlite:///{tmp_path}/app.db") as backend:
        assert operation in {broken[0] for broken in await broken_promises(backend)}
