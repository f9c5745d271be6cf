"""SQLite confined to one database, one statement at a time, with a deadline."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engines.postgres.binaries import EngineError
from backend.engines.sqlite import ROWS_KEPT, open_scratch, open_target, split_statements

SCRIPT = """-- a comment; with a semicolon
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE);

/* another; one */ CREATE TRIGGER g AFTER INSERT ON t BEGIN
  UPDATE t SET name = 'a;b' WHERE id = 0;
END;
INSERT INTO t VALUES (1, 'x;y');;
INSERT INTO t VALUES (2, 'x;y');
SELECT * FROM t"""


async def test_every_statement_of_a_script_is_reported_with_its_line() -> None:
    async with open_scratch() as database:
        outcomes = await database.run_script(SCRIPT, keep_going=True)
        assert [outcome.line for outcome in outcomes] == [2, 4, 7, 8, 9]
        assert [outcome.code for outcome in outcomes] == ["", "", "", "SQLITE_CONSTRAINT_UNIQUE", ""]
        assert outcomes[-1].rows == ((1, "x;y"),)
        assert outcomes[-1].columns == ("id", "name")
        assert len(await database.run_script(SCRIPT)) == 1  # the table exists already, and it stops there


SKIPPED = re.compile(r"(?:[\s;]|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))*", re.DOTALL)
"""Blanks, empty statements and comments."""


@given(st.lists(st.sampled_from(["a", ";", "'", '"', "--", "/*", "*/", "\n", " ", "BEGIN", "END", "TRIGGER"])))
def test_splitting_loses_nothing_but_comments_and_blanks(pieces: list[str]) -> None:
    script = "".join(pieces)
    done = 0
    for line, statement in split_statements(script):
        begin = SKIPPED.match(script, done).end()  # type: ignore[union-attr]
        assert script.startswith(statement, begin)
        assert script.count("\n", 0, begin) + 1 == line
        done = begin + len(statement)
    assert SKIPPED.fullmatch(script, done)


async def test_a_long_result_is_cut() -> None:
    async with open_scratch() as database:
        (outcome,) = await database.run_script(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n"
        )
        assert (len(outcome.rows), outcome.truncated) == (ROWS_KEPT, True)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def test_an_endless_statement_is_interrupted_and_the_next_one_works() -> None:
    ticks = iter(range(10**9))
    async with open_scratch(clock=lambda: float(next(ticks))) as database:
        first, second = await database.run_script(f"{ENDLESS}; SELECT 1", timeout_seconds=50, keep_going=True)
        assert (first.error, first.code) == ("interrupted after 50 s", "SQLITE_INTERRUPT")
        assert second.rows == ((1,),)


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{folder}/other.db' AS other",
        "ATTACH ':memory:' AS other",
        "VACUUM INTO '{folder}/copy.db'",
        "SELECT load_extension('libc.so.6')",
        "PRAGMA writable_schema = ON",
        "PRAGMA temp_store_directory = '{folder}'",
        "PRAGMA max_page_count = 1000000000",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA trusted_schema = ON",
    ],
)
async def test_what_reaches_beyond_the_database_is_refused_and_works_unconfined(tmp_path: Path, sql: str) -> None:
    statement = sql.format(folder=tmp_path)
    async with open_scratch() as database:
        (outcome,) = await database.run_script(statement)
        assert "authoriz" in outcome.error
    assert list(tmp_path.iterdir()) == []
    if "load_extension" not in sql and "directory" not in sql and "hard_heap" not in sql:  # the twin is safe to run
        twin = sqlite3.connect(":memory:", isolation_level=None)
        twin.execute(statement)
        twin.close()


async def test_what_stays_within_the_database_is_allowed() -> None:
    async with open_scratch() as database:
        outcomes = await database.run_script(
            "CREATE TABLE t (a); PRAGMA foreign_keys; PRAGMA table_info(t); PRAGMA user_version = 3; VACUUM;"
            "BEGIN; ALTER TABLE t ADD b; ROLLBACK; CREATE VIRTUAL TABLE f USING fts5(x); PRAGMA foreign_key_check"
        )
        assert [outcome.error for outcome in outcomes] == [""] * 10
        assert outcomes[1].rows == ((1,),)


async def test_a_scratch_does_not_outgrow_its_limit() -> None:
    grow = "CREATE TABLE t AS SELECT randomblob({})"
    async with open_scratch(limit=1024**2) as database:
        assert (await database.run_script(grow.format(2 * 1024**2)))[0].code == "SQLITE_FULL"
        assert (await database.run_script(grow.format(1024)))[0].error == ""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "data ?#%.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    "sql", ["INSERT INTO t VALUES (2)", "DROP TABLE t", "PRAGMA user_version = 9", "PRAGMA query_only = OFF"]
)
async def test_an_operators_file_is_only_read_unless_writing_was_asked_for(target: Path, sql: str) -> None:
    before = target.read_bytes()
    async with open_target(target) as database:
        refused, read = await database.run_script(f"{sql}; SELECT n FROM t", keep_going=True)
        assert refused.error != ""
        assert read.rows == ((1,),)
    assert target.read_bytes() == before
    async with open_target(target, read_only=False) as database:
        (twin,) = await database.run_script(sql)
        assert (twin.error == "") is ("query_only" not in sql)


async def test_a_file_that_is_missing_or_no_database_is_an_error_and_is_not_created(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database\n" * 100)
    for path in (tmp_path / "missing.db", text):
        for read_only in (True, False):
            with pytest.raises(EngineError, match=f"cannot read {path.name}"):
                async with open_target(path, read_only):
                    raise AssertionError
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


async def test_errors_of_the_block_itself_pass_through(target: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        async with open_target(target) as database:
            await database.connection.execute("SELECT * FROM missing")
