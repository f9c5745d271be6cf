"""Every route of the examples in TypeScript with every kind of caller."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendered_matrix import broken_promises
from rendered_projects import example
from ts_backend import backend_at, started_typescript
from ts_project import write_typescript

from backend.engines.postgres.host import PostgresHost


@pytest.mark.parametrize(
    ("name", "engine"),
    [("blog", "sqlite"), ("every_feature", "postgresql"), ("odd", "sqlite")],
)
async def test_every_caller_gets_from_every_route_what_the_blueprint_promises(
    name: str, engine: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with started_typescript(name, engine, tmp_path, postgres) as backend:
        assert await broken_promises(backend) == []


WITHOUT = (
    ("loans/access.ts", "row === undefined || !mayRead(caller, row)", "row === undefined", "get_loan"),
    ("books/access.ts", "eq(books.tenant_id, caller.tenant), ", "", "get_book"),
    ("books/service.ts", '  caller.requireRole("librarian");\n', "", "delete_book"),
    ("loans/queries.ts", "eq(loans.member_id, caller.id)", "undefined", "list_loans"),
    ("loans/routes.ts", "await findMember(", "void (", "list_member_loans"),
)
"""Module, guard, what it is replaced with, and an operation that then breaks its promise."""


async def test_an_application_without_its_guards_breaks_the_promise_of_each(tmp_path: Path) -> None:
    blueprint = example("every_feature")
    folder = write_typescript(blueprint, tmp_path / "project")
    for module, guard, without, _ in WITHOUT:
        edited = folder / "src" / module
        text = edited.read_text(encoding="utf-8")
        assert guard in text
        edited.write_text(text.replace(guard, without), encoding="utf-8")
    async with backend_at(blueprint, folder, f"sqlite+aiosqlite:///{tmp_path}/app.db") as backend:
        broken = {broken[0] for broken in await broken_promises(backend)}
    assert broken >= {operation for *_, operation in WITHOUT}
