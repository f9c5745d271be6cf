"""Plan, status, drift and apply against databases the operator named."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from backend.engines.postgres.host import PostgresHost
from backend.workspace import Workspace
from knowledge.report import Outcome
from tools.migrate_backend import MigrateBackendRequest, run
from tools.spec import ToolError

ONE = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"
TWO = "ALTER TABLE users ADD COLUMN name text;"


@pytest.fixture
async def database_url(postgres: PostgresHost) -> AsyncIterator[str]:
    """An empty database that plays the operator's."""
    async with postgres.scratch() as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        host = quote(environment["PGHOST"], safe="")
        yield f"postgresql://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}"


async def test_plan_lists_what_is_pending_and_executes_nothing(write: Any, migrate: Any, database_url: str) -> None:
    write({"1.sql": ONE, "2.sql": TWO})
    report = await migrate(database_url, action="plan")
    assert [row[1] for row in report.tables[0].rows] == ["db/1.sql", "db/2.sql"]
    assert (await migrate(database_url, action="status")).fact("applied") == "0"


async def test_a_rehearsed_folder_is_applied_recorded_and_free_of_drift(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": ONE, "2.sql": TWO})
    digest = (await migrate()).fact("plan_hash")
    report = await migrate(database_url, action="apply", plan_hash=digest)
    assert report.fact("applied") == "2"
    status = await migrate(database_url, action="status")
    assert (status.fact("applied"), status.fact("pending")) == ("2", "0")
    drift = await migrate(database_url, action="drift")
    assert drift.outcome is Outcome.PASS, drift.findings


async def test_a_change_made_by_hand_is_drift(write: Any, migrate: Any, database_url: str) -> None:
    import asyncpg

    write({"1.sql": ONE})
    await migrate(database_url, action="apply", plan_hash=(await migrate()).fact("plan_hash"))
    connection = await asyncpg.connect(database_url)
    await connection.execute("ALTER TABLE users ADD COLUMN by_hand int")
    await connection.close()
    report = await migrate(database_url, action="drift")
    assert "by_hand" in report.findings[0].message


async def test_apply_refuses_a_hash_of_files_that_changed_since(write: Any, migrate: Any, database_url: str) -> None:
    write({"1.sql": ONE})
    digest = (await migrate()).fact("plan_hash")
    write({"1.sql": ONE + "\nDROP TABLE users;"})
    with pytest.raises(ToolError, match="changed since the rehearsal"):
        await migrate(database_url, action="apply", plan_hash=digest)
    assert (await migrate(database_url, action="status")).fact("applied") == "0"


async def test_apply_refuses_when_an_applied_file_was_edited(write: Any, migrate: Any, database_url: str) -> None:
    write({"1.sql": ONE})
    await migrate(database_url, action="apply", plan_hash=(await migrate()).fact("plan_hash"))
    write({"1.sql": ONE.replace("bigint", "int"), "2.sql": TWO})
    digest = (await migrate()).fact("plan_hash")
    with pytest.raises(ToolError, match=r"applied files have changed since: db/1\.sql"):
        await migrate(database_url, action="apply", plan_hash=digest)


async def test_apply_stops_at_the_first_failure_and_says_what_stands(
    write: Any, migrate: Any, database_url: str
) -> None:
    import asyncpg

    write({"1.sql": ONE, "2.sql": "CREATE TABLE extra (id int);"})
    digest = (await migrate()).fact("plan_hash")
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE extra (other int)")
    await connection.close()
    report = await migrate(database_url, action="apply", plan_hash=digest)
    assert (report.fact("applied"), report.fact("left")) == ("1", "1")
    assert "rolled back" in report.findings[0].message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"action": "apply"}, "apply needs plan_hash"),
        ({"action": "apply", "plan_hash": "0" * 16}, "no target database"),
        ({"action": "status"}, "no target database"),
        ({"action": "drift"}, "no target database"),
    ],
)
async def test_what_an_action_lacks_is_named(fields: dict[str, str], message: str, write: Any, migrate: Any) -> None:
    write({"1.sql": ONE})
    with pytest.raises(ToolError, match=message):
        await migrate(**fields)


async def test_a_read_only_server_refuses_to_apply(write: Any, toolbox: Any, tmp_path: Path) -> None:
    write({"1.sql": ONE})
    closed = replace(toolbox, workspace=Workspace.at(tmp_path, read_only=True))
    with pytest.raises(ToolError, match="--read-only"):
        await run(MigrateBackendRequest(path="db", action="apply", plan_hash="0" * 16), closed)


async def test_a_database_that_another_tool_keeps_is_left_to_that_tool(
    write: Any, migrate: Any, database_url: str
) -> None:
    import asyncpg

    write({"V1__users.sql": ONE, "V2__name.sql": TWO})
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE flyway_schema_history (version text, success boolean)")
    await connection.execute("INSERT INTO flyway_schema_history VALUES ('1', true), ('0.9', true)")
    await connection.close()
    status = await migrate(database_url, action="status")
    assert (status.fact("applied"), status.fact("pending")) == ("1", "1")
    assert ["in the database only", "0.9", ""] in status.tables[0].rows
    with pytest.raises(ToolError, match="kept by flyway"):
        await migrate(database_url, action="apply", plan_hash=(await migrate()).fact("plan_hash"))


async def test_a_sqlite_folder_is_rehearsed_applied_and_backed_up(write: Any, migrate: Any, tmp_path: Path) -> None:
    target = tmp_path / "app.db"
    with sqlite3.connect(target) as connection:
        connection.execute("CREATE TABLE before (id INTEGER)")
    connection.close()
    write(
        {
            "1.up.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT);",
            "1.down.sql": "DROP TABLE users;",
        }
    )
    rehearsal = await migrate()
    assert rehearsal.outcome is Outcome.PASS, rehearsal.findings
    report = await migrate(f"sqlite:///{target}", action="apply", plan_hash=rehearsal.fact("plan_hash"))
    assert report.fact("applied") == "1"
    assert (tmp_path / "app.db.before-migration").exists()
    assert (await migrate(f"sqlite:///{target}", action="status")).fact("applied") == "1"


async def test_a_sqlite_migration_that_fails_is_found_at_its_line(write: Any, migrate: Any) -> None:
    write({"1.sql": "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);\nALTER TABLE t ADD COLUMN n INT UNIQUE;"})
    (finding,) = (await migrate()).findings
    assert (finding.rule, finding.location.line) == ("migration-fails", 2)


async def test_reading_a_target_never_writes_to_it(database_url: str) -> None:
    from backend.targets.postgres import open_postgres
    from backend.targets.target import TargetError

    async with open_postgres(database_url, write=False) as target:
        with pytest.raises(TargetError, match="read-only transaction"):
            await target.prepare()
    async with open_postgres(database_url, write=True) as twin:
        assert await twin.prepare() == "recorded in public.architect_migrations"
