"""What is a run and what only looks like one; the one query in its place returns the same rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from backend.engines.postgres.host import Scratch
from knowledge.query_log import n_plus_one
from knowledge.query_log.batched import Batched, batched
from knowledge.query_log.model import LoggedQuery, QueryLog
from knowledge.query_log.n_plus_one import Run, runs

PARENT = LoggedQuery("SELECT id FROM users", line=1, at=0.0)


def log_of(*queries: LoggedQuery) -> QueryLog:
    return QueryLog("json", queries)


def loop(sql: str, count: int = 5, *, step: float = 0.01, session: str = "") -> list[LoggedQuery]:
    return [
        LoggedQuery(sql, (str(n), "x"), line=n + 2, at=(n + 1) * step, session=session, milliseconds=0.4)
        for n in range(count)
    ]


BY_USER = "SELECT id, title FROM posts WHERE user_id = $1 AND kind <> $2"


def test_a_query_for_each_row_is_a_run_with_its_parent_and_its_waste() -> None:
    (run,) = runs(log_of(PARENT, *loop(BY_USER)))
    assert run.parent == PARENT and run.wasted == 4 and run.varying == 0
    assert run.milliseconds == pytest.approx(2.0)


@pytest.mark.parametrize(
    "queries",
    [
        loop(BY_USER, 3),
        loop(BY_USER, step=30.0),
        [replace(query, parameters=(str(n), str(n))) for n, query in enumerate(loop(BY_USER))],
        [replace(query, session=str(n)) for n, query in enumerate(loop(BY_USER))],
        [replace(query, transaction=str(n)) for n, query in enumerate(loop(BY_USER))],
        [replace(query, sql="INSERT INTO posts VALUES ($1, $2)") for query in loop(BY_USER)],
    ],
    ids=["few", "slow", "two-values-change", "other-sessions", "other-transactions", "writes"],
)
def test_what_is_no_loop_over_rows_is_not_told(queries: list[LoggedQuery]) -> None:
    assert runs(log_of(PARENT, *queries)) == []


def test_without_the_bound_on_time_requests_of_a_day_would_be_one_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(n_plus_one, "LONGEST_GAP", float("inf"))
    assert len(runs(log_of(PARENT, *loop(BY_USER, step=30.0)))) == 1


def test_two_queries_in_one_loop_are_two_runs() -> None:
    mixed = [query for pair in zip(loop(BY_USER), loop("SELECT 1 FROM likes WHERE user_id = $1 AND kind = $2"),
                                   strict=True) for query in pair]  # fmt: skip
    assert len(runs(log_of(PARENT, *mixed))) == 2


def test_the_same_question_again_and_again_is_told_apart() -> None:
    same = [replace(query, parameters=("1", "x")) for query in loop(BY_USER)]
    (run,) = runs(log_of(PARENT, *same))
    assert run.varying == -1 and batched(run) is None


@pytest.fixture
async def posts(scratch: Scratch) -> AsyncIterator[asyncpg.Connection]:
    session = await scratch.connect()
    await session.execute(
        "CREATE TABLE posts (id int PRIMARY KEY, user_id bigint, title text, kind text, at int);"
        "INSERT INTO posts SELECT n, nullif(n % 7, 6), 'title ' || n % 4, CASE WHEN n % 5 = 0 THEN NULL ELSE 'a' END, n"
        " FROM generate_series(1, 200) n"
    )
    yield session
    await session.close()


SHAPES = {
    "plain": ("SELECT id, title FROM posts WHERE user_id = $1", "any"),
    "qualified": ('SELECT "p"."id" FROM "posts" AS "p" WHERE "p"."user_id" = $1 ORDER BY "p"."id"', "any"),
    "limited": ("SELECT id FROM posts WHERE user_id = $1 ORDER BY at DESC LIMIT 3", "lateral"),
    "counted": ("SELECT count(*) AS n FROM posts WHERE user_id = $1", "lateral"),
    "either": ("SELECT id FROM posts WHERE user_id = $1 OR kind IS NULL", "lateral"),
    "distinct": ("SELECT DISTINCT title FROM posts WHERE user_id = $1", "lateral"),
    "nested": ("SELECT id FROM posts WHERE user_id = $1 AND at > (SELECT avg(at) FROM posts)", "lateral"),
}


def run_of(sql: str) -> Run:
    values = ("0", "1", "2", "3", "9")
    return Run(tuple(LoggedQuery(sql, (value,)) for value in values), 0, values, PARENT)


async def rows_of_the_loop(posts: asyncpg.Connection, run: Run) -> list[tuple[object, ...]]:
    found = []
    for value in run.values:
        found += [tuple(row) for row in await posts.fetch(run.queries[0].sql, int(value))]
    return sorted(found, key=repr)


async def rows_at_once(posts: asyncpg.Connection, run: Run, once: Batched) -> list[tuple[object, ...]]:
    rows = await posts.fetch(once.sql, [int(value) for value in run.values])
    return sorted((tuple(row)[once.form == "lateral" :] for row in rows), key=repr)


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_query_in_their_place_returns_the_same_rows(posts: asyncpg.Connection, shape: str) -> None:
    sql, form = SHAPES[shape]
    run = run_of(sql)
    once = batched(run)
    assert once is not None and once.form == form
    assert await rows_at_once(posts, run, once) == await rows_of_the_loop(posts, run)


@pytest.mark.parametrize("shape", [name for name, (_, form) in SHAPES.items() if form == "lateral"])
async def test_a_mere_list_of_values_would_return_others(posts: asyncpg.Connection, shape: str) -> None:
    run = run_of(SHAPES[shape][0])
    naive = Batched(run.queries[0].sql.replace("= $1", "= ANY ($1)"), "user_id", "any")
    if shape == "nested":
        assert await rows_at_once(posts, run, naive) == await rows_of_the_loop(posts, run)
    else:
        assert await rows_at_once(posts, run, naive) != await rows_of_the_loop(posts, run)


def test_a_condition_written_the_other_way_round_is_turned() -> None:
    run = replace(run_of("SELECT id FROM posts WHERE ? = posts.user_id AND kind = ?"), varying=0)
    once = batched(run)
    assert once is not None and once.sql == "SELECT id FROM posts WHERE posts.user_id = ANY ($1) AND kind = $2"


def test_an_offset_of_nothing_does_not_make_a_list_lateral() -> None:
    queries = tuple(LoggedQuery("SELECT id FROM posts WHERE user_id = $1 OFFSET $2", (str(n), "0")) for n in range(5))
    once = batched(Run(queries, 0, tuple("01234"), PARENT))
    assert once is not None and once.sql == "SELECT id FROM posts WHERE user_id = ANY ($1)"
    paged = tuple(replace(query, parameters=(query.parameters[0], "10")) for query in queries)
    once = batched(Run(paged, 0, tuple("01234"), PARENT))
    assert once is not None and once.form == "lateral"


def test_for_sqlite_the_values_are_a_json_array_and_the_rows_the_same() -> None:
    run = run_of("SELECT id FROM posts WHERE user_id = ? ORDER BY id")
    once = batched(run, "sqlite")
    assert once is not None
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER)")
    connection.executemany("INSERT INTO posts (user_id) VALUES (?)", [(n % 7,) for n in range(50)])
    loop = [row for value in run.values for row in connection.execute(run.queries[0].sql, (int(value),))]
    at_once = connection.execute(once.sql.replace("$1", "?"), (json.dumps([int(value) for value in run.values]),))
    assert sorted(at_once.fetchall()) == sorted(loop)
    connection.close()
    assert batched(run_of("SELECT id FROM posts WHERE user_id = ? LIMIT 3"), "sqlite") is None
