"""What each migration tool has written down about a database is read as that tool means it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost
from tools.migrate_backend.reports import without_records

ONE = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"
TWO = "ALTER TABLE users ADD COLUMN name text;"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Kept:
    """A folder in a tool's format, of which the tool has run the first migration and one that is gone."""

    tool: str
    files: dict[str, str]
    records: str
    unknown: int = 1
    changed: dict[str, str] = field(default_factory=dict)
    """Files as they are when an applied one was edited, for tools that keep a hash."""


TOOLS = [
    Kept(
        "flyway",
        {"V1__users.sql": ONE, "V2__name.sql": TWO},
        "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50),"
        " description varchar(200), type varchar(20), script varchar(1000), checksum int, success boolean);"
        "INSERT INTO flyway_schema_history VALUES (1, '1', 'users', 'SQL', 'V1__users.sql', 1, true),"
        " (2, '0.9', 'gone', 'SQL', 'V0.9__gone.sql', 1, true), (3, '2', 'name', 'SQL', 'V2__name.sql', 1, false);",
    ),
    Kept(
        "prisma",
        {
            "migration_lock.toml": 'provider = "postgresql"\n',
            "20260101000000_users/migration.sql": ONE,
            "20260102000000_name/migration.sql": TWO,
        },
        "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), finished_at timestamptz,"
        " migration_name varchar(255), rolled_back_at timestamptz);"
        f"INSERT INTO _prisma_migrations VALUES ('a', '{sha(ONE)}', now(), '20260101000000_users', NULL),"
        f" ('b', '{sha(TWO)}', NULL, '20260102000000_name', NULL), ('c', 'x', now(), '20250101000000_gone', NULL);",
        changed={"20260101000000_users/migration.sql": ONE + "\n-- edited"},
    ),
    Kept(
        "drizzle",
        {
            "meta/_journal.json": json.dumps(
                {
                    "version": "7",
                    "dialect": "postgresql",
                    "entries": [
                        {"idx": 0, "version": "7", "when": 1, "tag": "0000_users", "breakpoints": True},
                        {"idx": 1, "version": "7", "when": 2, "tag": "0001_name", "breakpoints": True},
                    ],
                }
            ),
            "0000_users.sql": ONE,
            "0001_name.sql": TWO,
        },
        "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL,"
        f" created_at bigint); INSERT INTO drizzle.__drizzle_migrations (hash) VALUES ('{sha(ONE)}'), ('gone');",
    ),
    Kept(
        "goose",
        {
            "00001_users.sql": f"-- +goose Up\n{ONE}\n-- +goose Down\nDROP TABLE users;\n",
            "00002_name.sql": f"-- +goose Up\n{TWO}\n-- +goose Down\nALTER TABLE users DROP COLUMN name;\n",
        },
        "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean);"
        "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (9, true);",
    ),
    Kept(
        "dbmate",
        {
            "20260101_users.sql": f"-- migrate:up\n{ONE}\n-- migrate:down\nDROP TABLE users;\n",
            "20260102_name.sql": f"-- migrate:up\n{TWO}\n-- migrate:down\nALTER TABLE users DROP COLUMN name;\n",
        },
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);"
        "INSERT INTO schema_migrations VALUES ('20260101'), ('20250101');",
    ),
    Kept(
        "golang-migrate",
        {"000001_users.up.sql": ONE, "000002_name.up.sql": TWO},
        "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
        "INSERT INTO schema_migrations VALUES (1, false);",
        unknown=0,
    ),
    Kept(
        "sqitch",
        {
            "sqitch.plan": "%syntax-version=1.0.0\n%project=shop\n\nusers 2026-01-01T00:00:00Z A <a@example.com>\n"
            "name 2026-01-02T00:00:00Z A <a@example.com>\n",
            "deploy/users.sql": f"BEGIN;\n{ONE}\nCOMMIT;\n",
            "deploy/name.sql": f"BEGIN;\n{TWO}\nCOMMIT;\n",
        },
        "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text NOT NULL,"
        " project text NOT NULL); INSERT INTO sqitch.changes VALUES ('a', 'users', 'shop'), ('b', 'gone', 'shop');",
    ),
]


@pytest.fixture
async def database_url(postgres: PostgresHost) -> AsyncIterator[str]:
    """An empty database that plays the operator's."""
    async with postgres.scratch() as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        host = quote(environment["PGHOST"], safe="")
        yield f"postgresql://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}"


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.mark.parametrize("kept", TOOLS, ids=lambda kept: kept.tool)
async def test_a_tools_own_records_tell_what_is_applied_pending_and_unknown(
    kept: Kept, write: Any, migrate: Any, database_url: str
) -> None:
    write(kept.files)
    await execute(database_url, kept.records + ONE)
    status = await migrate(database_url, action="status")
    assert kept.tool in status.headline
    assert (status.fact("applied"), status.fact("pending")) == ("1", "1"), status
    assert f"{kept.unknown} unknown" in status.headline
    plan = await migrate(database_url, action="plan")
    assert plan.fact("pending") == "1"
    drift = await migrate(database_url, action="drift")
    assert not drift.findings, drift.findings


@pytest.mark.parametrize("kept", [kept for kept in TOOLS if kept.changed], ids=lambda kept: kept.tool)
async def test_a_file_edited_after_it_was_applied_is_told_by_the_hash_its_tool_kept(
    kept: Kept, write: Any, migrate: Any, database_url: str
) -> None:
    write({**kept.files, **kept.changed})
    await execute(database_url, kept.records)
    status = await migrate(database_url, action="status")
    assert status.fact("changed since applied") == "1"


async def test_a_table_that_only_has_the_name_of_a_tools_is_passed_over(
    write: Any, migrate: Any, database_url: str
) -> None:
    write({"1.sql": ONE})
    await execute(database_url, "CREATE TABLE goose_db_version (something int)")
    assert (await migrate(database_url, action="status")).fact("pending") == "1"


def test_records_are_left_out_of_a_comparison_and_tables_with_similar_names_are_not() -> None:
    objects = dict.fromkeys(
        [
            "table public.architect_migrations",
            "column public.architect_migrations.version",
            "index public.architect_migrations_pkey",
            "table public.my_architect_migrations",
            "table public.changes",
            "table sqitch.changes",
            "schema sqitch",
            "column sqitch.tags.tag",
        ],
        "",
    )
    ours = without_records(objects, "architect_migrations")
    assert "table public.my_architect_migrations" in ours
    assert not any(name.split(" ")[1].startswith("public.architect_migrations") for name in ours)
    theirs = without_records(objects, "sqitch.changes")
    assert [name for name in theirs if "sqitch" in name] == []
    assert "table public.changes" in theirs


async def test_plain_sql_is_sqlites_where_the_target_is_and_sqlite_runs_it(
    write: Any, migrate: Any, tmp_path: Any
) -> None:
    import sqlite3

    sqlite3.connect(tmp_path / "app.db").close()
    url = f"sqlite:///{tmp_path / 'app.db'}"
    write({"1.sql": "CREATE TABLE users (id INTEGER PRIMARY KEY);"})
    digest = (await migrate(url)).fact("plan_hash")
    assert (await migrate(url, action="apply", plan_hash=digest)).fact("applied") == "1"
    write({"1.sql": "CREATE TABLE users (tags text[], at timestamptz DEFAULT now());"})
    assert "PostgreSQL" in (await migrate(url)).headline
