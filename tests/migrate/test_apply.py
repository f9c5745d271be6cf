"""Applying: one applier at a time, file by file, with nothing of one file leaking into the next."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost
from backend.runs import RunStore
from backend.targets.postgres import open_postgres
from backend.targets.target import TargetError
from knowledge.report import Outcome, Report
from tools.migrate_backend import MigrateBackendRequest, run
from tools.spec import ToolError
from tools.toolbox import Targets

USERS = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"


@pytest.fixture
async def database_url(postgres: PostgresHost) -> AsyncIterator[str]:
    """An empty database that plays the operator's."""
    async with postgres.scratch() as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        host = quote(environment["PGHOST"], safe="")
        yield f"postgresql://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}"


async def rehearsed_and_applied(migrate: Any, url: str) -> Report:
    digest = (await migrate(prove=False)).fact("plan_hash")
    report: Report = await migrate(url, action="apply", plan_hash=digest)
    return report


async def fetch(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_copy_data_search_paths_and_concurrent_indexes_are_applied_as_they_were_rehearsed(
    write: Any, migrate: Any, database_url: str
) -> None:
    write(
        {
            "1.sql": f"-- +goose Up\n{USERS}\nSET search_path = '';\n-- +goose Down\nDROP TABLE users;\n",
            "2.sql": "-- +goose Up\nINSERT INTO users VALUES (1, 'a@example.com');\n",
            "3.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY by_email ON users (email);\n",
        }
    )
    report = await rehearsed_and_applied(migrate, database_url)
    assert report.fact("applied") == "3", report.findings
    assert report.fact("records") == "recorded in public.architect_migrations"
    assert await fetch(database_url, "SELECT indexname FROM pg_indexes WHERE indexname = 'by_email'") == ["by_email"]
    assert await fetch(database_url, "SELECT version FROM architect_migrations ORDER BY 1") == ["1", "2", "3"]


async def test_rows_of_copy_reach_the_table(write: Any, migrate: Any, database_url: str) -> None:
    write({"1.sql": f"{USERS}\nCOPY users FROM stdin;\n1\ta@example.com\n2\tb@example.com\n\\.\nSELECT 1;\n"})
    await rehearsed_and_applied(migrate, database_url)
    assert await fetch(database_url, "SELECT email FROM users ORDER BY 1") == ["a@example.com", "b@example.com"]


async def test_a_psql_command_is_refused_before_anything_of_its_file_runs(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": f"{USERS}\n\\i other.sql\n"})
    report = await rehearsed_and_applied(migrate, database_url)
    assert report.outcome is Outcome.FINDINGS
    assert r"db/1.sql:2:1: \i is a command of psql" in report.findings[0].message
    assert await fetch(database_url, "SELECT to_regclass('users')") == [None]


async def test_a_file_with_its_own_transaction_is_recorded_after_it_and_one_left_open_is_not(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": f"BEGIN;\n{USERS}\nCOMMIT;", "2.sql": "BEGIN;\nCREATE TABLE open_end (id int);"})
    digest = (await migrate(prove=False)).fact("plan_hash")
    report = await migrate(database_url, action="apply", plan_hash=digest)
    assert report.fact("applied") == "1"
    assert "leaves its transaction open" in report.findings[0].message
    assert await fetch(database_url, "SELECT version FROM architect_migrations") == ["1"]
    assert await fetch(database_url, "SELECT to_regclass('open_end')") == [None]


async def test_a_failing_statement_is_named_with_its_line_and_its_file_leaves_nothing(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": "CREATE TABLE extra (id int);\n\nCREATE TABLE users (id int);"})
    digest = (await migrate(prove=False)).fact("plan_hash")
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE users (other int)")
    await connection.close()
    report = await migrate(database_url, action="apply", plan_hash=digest)
    assert "db/1.sql:3:1: 42P07" in report.findings[0].message
    assert await fetch(database_url, "SELECT to_regclass('extra')") == [None]


async def test_a_lock_that_somebody_holds_ends_the_wait_and_not_the_service(
    write: Any, migrate: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.targets.postgres.LOCK_TIMEOUT", "50ms")
    write({"1.sql": USERS})
    await rehearsed_and_applied(migrate, database_url)
    write({"2.sql": "ALTER TABLE users ADD COLUMN name text;"})
    digest = (await migrate(prove=False)).fact("plan_hash")
    reader = await asyncpg.connect(database_url)
    async with reader.transaction():
        await reader.fetch("SELECT * FROM users")
        report = await migrate(database_url, action="apply", plan_hash=digest)
    assert "55P03" in report.findings[0].message
    assert (await migrate(database_url, action="apply", plan_hash=digest)).fact("applied") == "1"
    await reader.close()


async def test_a_second_applier_is_refused_while_the_first_is_at_work(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": USERS})
    digest = (await migrate(prove=False)).fact("plan_hash")
    async with open_postgres(database_url, write=True) as other:
        async with other.exclusive():
            with pytest.raises(ToolError, match="another process is applying"):
                await migrate(database_url, action="apply", plan_hash=digest)
        assert (await migrate(database_url, action="apply", plan_hash=digest)).fact("applied") == "1"


async def test_applying_twice_applies_nothing_the_second_time(write: Any, migrate: Any, database_url: str) -> None:
    write({"1.sql": USERS})
    await rehearsed_and_applied(migrate, database_url)
    assert (await rehearsed_and_applied(migrate, database_url)).fact("applied") == "0"


async def test_a_hash_from_another_process_is_accepted_after_rehearsing_again(
    write: Any, migrate: Any, toolbox: Any, database_url: str
) -> None:
    write({"1.sql": USERS})
    digest = (await migrate(prove=False)).fact("plan_hash")
    fresh = replace(toolbox, runs=RunStore(), targets=Targets(database_url=database_url))
    with pytest.raises(ToolError, match="is not the hash of this folder"):
        await run(MigrateBackendRequest(path="db", action="apply", plan_hash="0123456789abcdef"), fresh)
    report = await run(MigrateBackendRequest(path="db", action="apply", plan_hash=digest), fresh)
    assert report.fact("applied") == "1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"2.sql": "DROP TABLE users;"}, r"db/2\.sql changed"),
        ({"3.sql": "SELECT 1;"}, r"db/3\.sql is new"),
        ({"2.sql": None}, r"db/2\.sql is gone"),
    ],
)
async def test_the_file_that_changed_since_the_rehearsal_is_named(
    change: dict[str, Any], said: str, write: Any, migrate: Any, database_url: str, tmp_path: Path
) -> None:
    write({"1.sql": USERS, "2.sql": "SELECT 2;"})
    digest = (await migrate(prove=False)).fact("plan_hash")
    for name, text in change.items():
        (tmp_path / "db" / name).unlink() if text is None else write({name: text})
    with pytest.raises(ToolError, match=said):
        await migrate(database_url, action="apply", plan_hash=digest)
    assert await fetch(database_url, "SELECT to_regclass('users')") == [None]


async def test_a_folder_that_does_not_pass_has_no_hash_that_applies_it(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": USERS, "2.sql": "SELECT nothing;"})
    assert (await migrate(prove=False)).fact("plan_hash").startswith("none")
    with pytest.raises(ToolError, match="does not pass a rehearsal"):
        await migrate(database_url, action="apply", plan_hash="none: the rehearsal did not pass")


REBUILD = """
PRAGMA foreign_keys=OFF;
CREATE TABLE new_users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL);
INSERT INTO new_users SELECT id, email FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
PRAGMA foreign_keys=ON;
"""


def sqlite_file(path: Path) -> str:
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);"
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id) ON DELETE CASCADE);"
        "INSERT INTO users VALUES (1, 'a'); INSERT INTO posts VALUES (10, 1);"
    )
    connection.close()
    return f"sqlite:///{path}"


def posts(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM posts").fetchone()[0])
    finally:
        connection.close()


async def apply_to_file(url: str, sql: str) -> None:
    from backend.targets.target import open_target
    from knowledge.migration import Migration

    async with open_target(url, write=True) as target:
        await target.prepare()
        await target.apply(Migration("1", "rebuild", sql, "1.sql"))


async def test_rebuilding_a_sqlite_table_keeps_the_rows_that_point_at_it(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    await apply_to_file(sqlite_file(path), REBUILD)
    assert posts(path) == 1


async def test_its_twin_without_the_pragma_loses_them_as_sqlite_has_it(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    await apply_to_file(sqlite_file(path), REBUILD.replace("PRAGMA foreign_keys=OFF;", ""))
    assert posts(path) == 0


async def test_a_rebuild_that_leaves_rows_pointing_at_nothing_is_rolled_back(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    url = sqlite_file(path)
    with pytest.raises(TargetError, match="point at nothing"):
        await apply_to_file(url, REBUILD.replace("FROM users;", "FROM users WHERE id > 1;"))
    assert posts(path) == 1


async def test_every_apply_to_a_sqlite_file_keeps_a_copy_of_its_own(tmp_path: Path) -> None:
    url = sqlite_file(tmp_path / "app.db")
    await apply_to_file(url, "CREATE TABLE a (id INTEGER);")
    with pytest.raises(TargetError, match=r"1\.sql:2: near"):
        await apply_to_file(url, "CREATE TABLE b (id INTEGER);\nthis is not sql;")
    assert {path.name for path in tmp_path.glob("app.db.*")} == {"app.db.before-migration", "app.db.before-migration-2"}
