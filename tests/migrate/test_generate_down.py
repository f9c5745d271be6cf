"""Going down on a folder of SQL: what would be lost is counted first, and only that is done which was agreed to."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Outcome
from tools.spec import ToolError

FILES = {
    "1_users.up.sql": "CREATE TABLE users (id integer PRIMARY KEY, email text);",
    "1_users.down.sql": "DROP TABLE users;",
    "2_names.up.sql": 'ALTER TABLE users ADD COLUMN "Full Name" text;',
    "2_names.down.sql": 'ALTER TABLE users DROP COLUMN "Full Name";',
    "3_logs.up.sql": "CREATE TABLE logs (id integer PRIMARY KEY, line text);",
    "3_logs.down.sql": "DROP TABLE logs;",
}
ROWS = (
    "INSERT INTO users (id, email, \"Full Name\") VALUES (1, 'a@example.com', 'A'), (2, 'b@example.com', NULL);"
    " INSERT INTO logs VALUES (1, 'x'), (2, 'y'), (3, 'z')"
)


class Database:
    """The operator's."""

    def __init__(self, url: str, path: Path | None = None) -> None:
        self.url, self._path = url, path

    async def run(self, sql: str) -> list[Any]:
        """A script, or the first column of a query."""
        if self._path is not None:
            connection = sqlite3.connect(self._path)
            rows = connection.execute(sql).fetchall() if sql.startswith("SELECT") else []
            if not rows:
                connection.executescript(sql)
            connection.close()
            return [row[0] for row in rows]
        session = await asyncpg.connect(self.url)
        try:
            if sql.startswith("SELECT"):
                return [row[0] for row in await session.fetch(sql)]
            await session.execute(sql)
            return []
        finally:
            await session.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresHost) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        path = tmp_path / "app.db"
        sqlite3.connect(path).close()
        yield Database(f"sqlite:///{path}", path)
        return
    async with postgres.scratch() as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        host = quote(environment["PGHOST"], safe="")
        yield Database(f"postgresql://{environment['PGUSER']}:{environment['PGPASSWORD']}@/{scratch.name}?host={host}")


@pytest.fixture
async def applied(database: Database, write: Callable[[dict[str, str]], Path], migrate: Any) -> Database:
    """Three migrations and some rows."""
    write(FILES)
    digest = (await migrate(database.url, prove=False)).fact("plan_hash")
    report = await migrate(database.url, action="apply", plan_hash=digest)
    assert report.fact("applied") == "3"
    await database.run(ROWS)
    return database


async def test_rows_and_values_that_would_be_lost_are_counted_and_nothing_is_done(
    applied: Database, migrate: Any
) -> None:
    report = await migrate(applied.url, action="down", since="1")
    assert report.outcome is Outcome.FINDINGS
    assert (report.fact("rows lost"), report.fact("values lost")) == ("3", "1")
    assert [finding.subject for finding in report.findings] == ["logs", 'users."Full Name"']
    assert report.tables[1].rows == [["logs", "(all)", "3"], ["users", "Full Name", "1"]]
    assert 'since="1"' in report.next_step
    assert await applied.run("SELECT count(*) FROM logs") == [3]


async def test_what_was_agreed_to_is_done_and_the_records_follow(applied: Database, migrate: Any) -> None:
    digest = (await migrate(applied.url, action="down", since="1")).fact("plan_hash")
    report = await migrate(applied.url, action="down", since="1", plan_hash=digest)
    assert report.fact("taken back") == "2"
    assert await applied.run("SELECT version FROM architect_migrations") == ["1"]
    status = await migrate(applied.url, action="status")
    assert (status.fact("applied"), status.fact("pending")) == ("1", "2")
    assert (await migrate(applied.url, action="drift")).outcome is Outcome.PASS


async def test_without_since_the_newest_alone_is_taken_back(applied: Database, migrate: Any) -> None:
    report = await migrate(applied.url, action="down")
    assert report.tables[0].rows == [["3", "db/3_logs.up.sql"]]


async def test_rows_that_came_since_make_the_hash_void(applied: Database, migrate: Any) -> None:
    digest = (await migrate(applied.url, action="down")).fact("plan_hash")
    await applied.run("INSERT INTO logs VALUES (4, 'new')")
    with pytest.raises(ToolError, match="files or rows changed"):
        await migrate(applied.url, action="down", plan_hash=digest)
    assert await applied.run("SELECT count(*) FROM logs") == [4]


async def test_what_is_not_there_or_was_edited_is_said(
    applied: Database, migrate: Any, write: Callable[[dict[str, str]], Path]
) -> None:
    with pytest.raises(ToolError, match="version 9 is not applied"):
        await migrate(applied.url, action="down", since="9")
    with pytest.raises(ToolError, match="nothing to take back"):
        await migrate(applied.url, action="down", since="3")
    (write({}) / "3_logs.down.sql").unlink()
    with pytest.raises(ToolError, match="applied files have changed"):
        await migrate(applied.url, action="down")


async def test_a_way_back_that_fails_when_tried_never_reaches_the_database(
    database: Database, migrate: Any, write: Callable[[dict[str, str]], Path]
) -> None:
    write({**FILES, "3_logs.down.sql": "DROP TABLE lags;"})
    digest = (await migrate(database.url, prove=False)).fact("plan_hash")
    await migrate(database.url, action="apply", plan_hash=digest)
    with pytest.raises(ToolError, match=r"3_logs\.down\.sql fails"):
        await migrate(database.url, action="down")


async def test_what_has_no_way_back_is_said(
    database: Database, migrate: Any, write: Callable[[dict[str, str]], Path]
) -> None:
    write({name: text for name, text in FILES.items() if name != "3_logs.down.sql"})
    digest = (await migrate(database.url, prove=False)).fact("plan_hash")
    await migrate(database.url, action="apply", plan_hash=digest)
    with pytest.raises(ToolError, match=r"3_logs\.up\.sql has no way back; write a migration forward"):
        await migrate(database.url, action="down")
