"""Which migrations are traced, and work that is broken off."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost, Scratch
from tools.spec import ToolError

USERS = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"


@pytest.fixture
async def target(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """An empty database that plays the operator's."""
    async with postgres.scratch() as scratch:
        yield scratch


def url_of(postgres: PostgresHost, scratch: Scratch) -> str:
    _, environment, _ = postgres.psql_env(scratch)
    host = quote(environment["PGHOST"], safe="")
    return f"postgresql://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


async def test_only_migrations_whose_files_changed_in_git_are_traced(write: Any, migrate: Any, tmp_path: Path) -> None:
    write({"1.sql": USERS, "2.sql": "CREATE INDEX a ON users (email);"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "start")
    write({"3.sql": "CREATE INDEX b ON users (id, email);"})
    report = await migrate(changed=True, prove=False)
    assert {finding.location.path for finding in report.findings} == {"db/3.sql"}
    assert (report.fact("migrations"), report.fact("traced")) == ("3", "1")


async def test_a_folder_in_which_nothing_changed_is_replayed_and_nothing_is_traced(
    write: Any, migrate: Any, tmp_path: Path
) -> None:
    write({"1.sql": USERS})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "start")
    report = await migrate(changed=True)
    assert (report.fact("migrations"), report.fact("traced")) == ("1", "")


async def test_changed_outside_a_repository_is_refused_with_the_reason(write: Any, migrate: Any) -> None:
    write({"1.sql": USERS})
    with pytest.raises(ToolError, match="git"):
        await migrate(changed=True)


async def test_a_replayed_migration_that_fails_is_told_with_its_line_although_it_was_not_to_be_traced(
    write: Any, migrate: Any
) -> None:
    write({"1.sql": USERS, "2.sql": "SELECT 1;\nSELECT nothing;", "3.sql": "SELECT 1;"})
    report = await migrate(since="2", prove=False)
    assert [str(finding.location) for finding in report.findings] == ["db/2.sql:2:1"]


async def test_a_placeholder_is_filled_and_one_of_another_form_is_refused(write: Any, migrate: Any) -> None:
    write({"V1__users.sql": "CREATE TABLE ${name} (id int);"})
    assert (await migrate(placeholders=["name=users"])).fact("statements") == "1"
    with pytest.raises(ToolError, match="name=value"):
        await migrate(placeholders=["name"])


async def test_cancelling_an_apply_leaves_nothing_of_the_file_and_frees_the_target(
    write: Any, migrate: Any, postgres: PostgresHost, target: Scratch
) -> None:
    url = url_of(postgres, target)
    write({"1.sql": USERS})
    await migrate(url, action="apply", plan_hash=(await migrate(prove=False)).fact("plan_hash"))
    write({"2.sql": "CREATE TABLE half (id int);\nALTER TABLE users ADD COLUMN age int;"})
    digest = (await migrate(prove=False)).fact("plan_hash")
    reader = await asyncpg.connect(url)
    async with reader.transaction():
        await reader.fetch("SELECT * FROM users")
        task = asyncio.create_task(migrate(url, action="apply", plan_hash=digest))
        while not await reader.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"
        ):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await reader.fetchval("SELECT to_regclass('half')") is None
    await reader.close()
    assert (await migrate(url, action="apply", plan_hash=digest)).fact("applied") == "1"


async def test_the_next_call_reads_the_folder_in_the_same_way(write: Any, migrate: Any) -> None:
    write({"V1__users.sql": "CREATE TABLE ${name} (id int);"})
    report = await migrate(placeholders=["name=users"], format="flyway")
    assert (
        f'migrate_backend(action="apply", path="db", format="flyway", placeholders=["name=users"],'
        f' plan_hash="{report.fact("plan_hash")}")' in report.next_step
    )


async def test_a_file_that_fails_half_way_outside_a_transaction_is_told_as_it_failed_the_first_time(
    write: Any, migrate: Any
) -> None:
    write({"1.sql": f"BEGIN;\n{USERS}\nCOMMIT;\nSELECT nothing;", "2.sql": "SELECT 1;"})
    report = await migrate(since="1", prove=False)
    assert [(str(item.location), item.subject) for item in report.findings] == [("db/1.sql:4:1", "42703")]
