"""A scaffolded project from its first migration to a changed blueprint and back, on both engines."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost
from backend.workspace import Workspace
from knowledge.report import Outcome, Report
from tools.migrate_backend import MigrateBackendRequest, run
from tools.scaffold_backend import ScaffoldBackendRequest
from tools.scaffold_backend import run as scaffold
from tools.spec import ToolError
from tools.toolbox import Targets, Toolbox

BLUEPRINT = """\
name: notes
resources:
  note:
    fields:
      title: {type: string, max_length: 80}
      stars: {type: integer, minimum: 0, default: 0}
    operations:
      list: {access: [authenticated]}
      get: {access: [authenticated]}
      create: {access: [authenticated]}
      update: {access: [authenticated]}
"""
CHANGED = (
    BLUEPRINT.replace("max_length: 80}", "max_length: 200}\n      color: {type: string, default: red}")
    .replace("      stars: {type: integer, minimum: 0, default: 0}\n", "")
    .replace("list: {access: [authenticated]}", "list: {access: [authenticated], filter: [title]}")
)
INSERT = (
    "INSERT INTO notes (id, title, stars, created_at, updated_at)"
    " VALUES ('{id}', 'kept', 5, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
)


@dataclass
class Project:
    """The project, its database, and a way to call the tool."""

    root: Path
    url: str
    app_url: str
    call: Callable[..., Awaitable[Report]]

    async def alembic(self, *arguments: str) -> str:
        """Alembic's own command."""
        environment = {**os.environ, "DATABASE_URL": self.app_url}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "alembic",
            *arguments,
            cwd=self.root,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def sql(self, statement: str) -> list[Any]:
        """The first column of what a statement answers."""
        if self.url.startswith("sqlite"):
            with sqlite3.connect(self.root.parent / "app.db") as connection:
                rows: list[Any] = connection.execute(statement).fetchall()
            connection.close()
        else:
            session = await asyncpg.connect(self.url)
            rows = await session.fetch(statement)
            await session.close()
        return [row[0] for row in rows]


@pytest.fixture(params=["sqlite", "postgresql"])
async def project(
    request: pytest.FixtureRequest, tmp_path: Path, toolbox: Toolbox, postgres: PostgresHost
) -> AsyncIterator[Project]:
    plan = await scaffold(ScaffoldBackendRequest(path="app", blueprint=BLUEPRINT), toolbox)
    agreed = ScaffoldBackendRequest(path="app", blueprint=BLUEPRINT, action="apply", plan_hash=plan.fact("plan_hash"))
    await scaffold(agreed, toolbox)
    root = tmp_path / "app"

    def made(url: str, app_url: str) -> Project:
        chosen = replace(toolbox, targets=Targets(database_url=url))

        async def call(action: str, **fields: Any) -> Report:
            given = {"path": "app", "action": action, "allow_project_code": True, "prove": False, **fields}
            return await run(MigrateBackendRequest(**given), chosen)

        return Project(root, url, app_url, call)

    if request.param == "sqlite":
        sqlite3.connect(tmp_path / "app.db").close()
        yield made(f"sqlite:///{tmp_path / 'app.db'}", f"sqlite+aiosqlite:///{tmp_path / 'app.db'}")
        return
    async with postgres.scratch() as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        host = quote(environment["PGHOST"], safe="")
        where = f"://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}"
        yield made(f"postgresql{where}", f"postgresql+asyncpg{where}")


async def test_a_project_is_migrated_changed_and_taken_back_by_us_and_by_alembic_in_turn(project: Project) -> None:
    rehearsed = await project.call("rehearse")
    applied = await project.call("apply", plan_hash=rehearsed.fact("plan_hash"))
    assert applied.fact("applied") == "1", applied
    assert "alembic_version" in applied.fact("records")
    assert await project.sql("SELECT version_num FROM alembic_version") == ["0001"]
    assert "No new upgrade operations" in await project.alembic("check")
    drift = await project.call("drift")
    assert drift.outcome is Outcome.PASS, drift.findings
    number = uuid.uuid4()
    await project.sql(INSERT.format(id=number.hex if project.url.startswith("sqlite") else number))

    (project.root / "blueprint.yaml").write_text(CHANGED)
    generated = await project.call("generate", allow_project_code=False)
    names = [item.name for item in generated.artifacts if item.name.endswith(".py")]
    assert names[0].startswith("app/migrations/versions/0002_")
    assert not (project.root.parent / names[0]).exists()
    written = await project.call("generate", plan_hash=generated.fact("plan_hash"))
    assert written.headline == f"{len(names)} migrations written"
    assert (await project.call("generate")).headline.startswith("nothing to migrate")

    rehearsed = await project.call("rehearse", since="0001")
    restored, _, tried = rehearsed.fact("downs restored").partition(" of ")
    assert restored == tried
    applied = await project.call("apply", plan_hash=rehearsed.fact("plan_hash"))
    assert applied.fact("applied") == str(len(names)), applied
    assert await project.sql("SELECT color FROM notes") == ["red"]
    assert (await project.call("drift")).outcome is Outcome.PASS

    warning = await project.call("down", since="0001")
    assert warning.fact("values lost") == "1"
    assert [finding.subject for finding in warning.findings] == ["notes.color"]
    assert await project.sql("SELECT color FROM notes") == ["red"]
    await project.sql("UPDATE notes SET title = 'changed'" + ("" if "sqlite" in project.url else " RETURNING title"))
    done = await project.call("down", since="0001", plan_hash=warning.fact("plan_hash"))
    assert done.fact("taken back") == str(len(names)), done
    assert await project.sql("SELECT version_num FROM alembic_version") == ["0001"]
    assert await project.sql("SELECT stars FROM notes") == [0]
    assert "Running upgrade 0001 -> 0002" in await project.alembic("upgrade", "head")
    assert (await project.call("status")).fact("pending") == "0"


@pytest.mark.parametrize("project", ["sqlite"], indirect=True)
async def test_down_runs_under_its_own_hash_only(project: Project) -> None:
    await project.alembic("upgrade", "head")
    number = uuid.uuid4()
    insert = INSERT.format(id=number.hex if project.url.startswith("sqlite") else number)
    warning = await project.call("down")
    assert warning.fact("rows lost") == "0"
    await project.sql(insert)
    with pytest.raises(ToolError, match="files or rows changed"):
        await project.call("down", plan_hash=warning.fact("plan_hash"))
    warning = await project.call("down")
    assert warning.fact("rows lost") == "1"
    assert "notes" in [finding.subject for finding in warning.findings]
    assert await project.sql("SELECT count(*) FROM notes") == [1]


@pytest.mark.parametrize("project", ["sqlite"], indirect=True)
async def test_scaffolding_after_generate_makes_no_second_migration(project: Project, toolbox: Toolbox) -> None:
    (project.root / "blueprint.yaml").write_text(CHANGED)
    generated = await project.call("generate")
    await project.call("generate", plan_hash=generated.fact("plan_hash"))
    before = sorted((project.root / "migrations/versions").glob("*.py"))
    plan = await scaffold(ScaffoldBackendRequest(path="app"), toolbox)
    agreed = ScaffoldBackendRequest(path="app", action="apply", plan_hash=plan.fact("plan_hash"))
    await scaffold(agreed, toolbox)
    assert sorted((project.root / "migrations/versions").glob("*.py")) == before
    await project.alembic("upgrade", "head")
    assert "No new upgrade operations" in await project.alembic("check")


@pytest.mark.parametrize("project", ["sqlite"], indirect=True)
async def test_nothing_is_written_where_the_server_only_reads(project: Project, toolbox: Toolbox) -> None:
    (project.root / "blueprint.yaml").write_text(CHANGED)
    generated = await project.call("generate")
    closed = replace(toolbox, workspace=Workspace.at(toolbox.workspace.root, read_only=True))
    request = MigrateBackendRequest(path="app", action="generate", plan_hash=generated.fact("plan_hash"))
    with pytest.raises(ToolError, match="read-only"):
        await run(request, closed)


@pytest.mark.parametrize("project", ["sqlite"], indirect=True)
async def test_a_change_that_would_misread_values_is_refused_with_a_way_out(project: Project) -> None:
    (project.root / "blueprint.yaml").write_text(
        BLUEPRINT.replace("type: integer, minimum: 0, default: 0", "type: json")
    )
    with pytest.raises(ToolError, match=r"notes\.stars cannot become json from bigint: add it under another name"):
        await project.call("generate")
