"""The child process: what a backend does there is told, and nothing it does hangs or harms us."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.engines.postgres.host import PostgresHost
from backend.exercise.asgi_target import AsgiTarget, asgi_target
from backend.exercise.exchange import Call, TargetGone
from backend.exercise.process import Application, Limits

HERE = Path(__file__).parent
MISBEHAVING = Application("misbehaving_app:app", HERE, limits=Limits(memory=1 << 29))
SQL_APP = """
import contextlib, os, sqlite3
import aiosqlite, asyncpg, psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

URL = os.environ.get("PLAIN_URL", "")
engine = create_async_engine(os.environ["DATABASE_URL"])

async def run(name):
    if name == "sqlite3":
        with contextlib.closing(sqlite3.connect(":memory:")) as c:
            c.execute("SELECT 1").fetchall()
            c.executescript("SELECT 2;")
    elif name.startswith("aiosqlite"):
        async with aiosqlite.connect(":memory:") as c:
            for _ in range(3):
                await c.execute(f"SELECT '{name}'")
    elif name == "sqlalchemy":
        async with engine.begin() as c:
            await c.execute(text("SELECT 1 AS one"))
            await c.execute(text("SELECT CAST(:x AS INTEGER)"), {"x": 1})
    elif name == "asyncpg":
        c = await asyncpg.connect(URL)
        await c.execute("SELECT 1")
        await c.execute("SELECT $1::int", 2)
        await c.fetch("SELECT 3"); await c.fetchrow("SELECT 4"); await c.fetchval("SELECT 5")
        async with c.transaction():
            await c.executemany("SELECT $1::int", [(6,), (7,)])
            async for _ in c.cursor("SELECT 8"):
                pass
            await (await c.prepare("SELECT 9")).fetch()
        await c.close()
    elif name == "psycopg":
        async with await psycopg.AsyncConnection.connect(URL) as c:
            await c.execute("SELECT 1")
            await c.cursor().executemany("SELECT %s::int", [(1,), (2,)])

async def app(scope, receive, send):
    if scope["type"] == "http":
        await run(scope["path"].strip("/"))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
"""


@pytest.fixture(scope="module")
async def target() -> AsyncIterator[AsgiTarget]:
    async with asgi_target(MISBEHAVING, 0.5) as started:
        yield started


@pytest.fixture
async def sound(target: AsgiTarget) -> AsgiTarget:
    """The target, started again if the test before ended it."""
    try:
        await target.call(Call("GET", "/"))
    except TargetGone:
        await target.restart()
    return target


async def test_a_request_arrives_as_it_was_sent_and_comes_back_whole(sound: AsgiTarget) -> None:
    answer = await sound.call(Call("POST", "/a%20b?x=%2F&y", {"X-One": "1"}, b"\x00\xff" * 700_000))
    assert (answer.status, answer.body) == (200, b"\x00\xff" * 700_000)
    assert answer.headers["set-cookie"] == "a=1, b=2"
    assert answer.headers["seen"].startswith("('POST', '/a b', b'x=%2F&y'")


async def test_the_process_sees_no_variable_of_ours(sound: AsgiTarget) -> None:
    seen = (await sound.call(Call("GET", "/"))).headers["seen"]
    assert "'PATH'" in seen
    assert not [name for name in os.environ if name.startswith(("PYTEST", "VIRTUAL")) and f"'{name}'" in seen]
    assert "DATABASE_URL" not in seen


async def test_what_the_application_prints_does_not_disturb_the_answers(sound: AsgiTarget) -> None:
    assert (await sound.call(Call("GET", "/prints"))).status == 200
    async with asyncio.timeout(5):
        while "in the middle of everything" not in sound.log:
            await sound.call(Call("GET", "/"))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/waits", "no complete answer within 0.5 s"),
        ("/raises", "ValueError: no such luck"),
        ("/eats", "MemoryError"),
        ("/huge", "longer than 4194304 bytes"),
        ("/floods", "longer than 4194304 bytes"),
        ("/drips", "after it had begun to answer 200"),
        ("/silent", "without a complete answer"),
    ],
)
async def test_a_request_that_goes_wrong_is_told_as_a_crash(sound: AsgiTarget, path: str, said: str) -> None:
    answer = await sound.call(Call("GET", path))
    assert answer.status == 0
    assert said in answer.crash
    assert (await sound.call(Call("GET", "/"))).status == 200


@pytest.mark.parametrize(
    ("path", "said"),
    [("/exits", "exit code 7"), ("/crashes", "SIGSEGV"), ("/blocks", "something blocks its event loop")],
)
async def test_a_process_that_is_lost_is_told_and_can_be_started_again(sound: AsgiTarget, path: str, said: str) -> None:
    with pytest.raises(TargetGone, match=said):
        await sound.together([Call("GET", path), Call("GET", "/waits")])
    with pytest.raises(TargetGone):
        await sound.call(Call("GET", "/"))
    await sound.restart()
    assert (await sound.call(Call("GET", "/"))).status == 200


async def test_requests_together_are_under_way_at_the_same_time(sound: AsgiTarget) -> None:
    answers = await sound.together([Call("GET", "/waits"), *[Call("GET", f"/?{n}") for n in range(20)]])
    assert answers[0].status == 0
    assert [f"b'{n}'" in answer.headers["seen"] for n, answer in enumerate(answers[1:])] == [True] * 20


async def test_the_process_and_its_children_end_with_the_target() -> None:
    async with asgi_target(MISBEHAVING) as target:
        answer = await target.call(Call("GET", "/child"))
        both = [target.pid, int(answer.headers["child"])]
        assert [_runs(pid) for pid in both] == [True, True]
    assert [_runs(pid) for pid in both] == [False, False]


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie, which its adopted parent may leave for a while."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_the_application_may_end_by_itself(tmp_path: Path) -> None:
    farewell = tmp_path / "bye.txt"
    async with asgi_target(replace(MISBEHAVING, environment={"FAREWELL": str(farewell)})):
        pass
    assert farewell.read_text() == "bye"


@pytest.mark.parametrize(
    ("application", "said"),
    [
        (replace(MISBEHAVING, path="nowhere:app"), "No module named 'nowhere'"),
        (replace(MISBEHAVING, path="misbehaving_app:nothing"), "has no attribute 'nothing'"),
        (replace(MISBEHAVING, path="json"), "has none of app, create_app"),
        (replace(MISBEHAVING, environment={"FAIL_TO_START": "1"}), "the database is not there"),
        (replace(MISBEHAVING, path="misbehaving_app:never", start_seconds=0.5), "did not start within 0.5 s"),
        (replace(MISBEHAVING, python="/nowhere/python"), "cannot be run"),
        (replace(MISBEHAVING, limits=Limits(memory=8 << 20)), "ended before it had started"),
    ],
)
async def test_a_backend_that_does_not_start_says_why(application: Application, said: str) -> None:
    with pytest.raises(TargetGone, match=said):
        async with asgi_target(application):
            pass


async def test_each_request_carries_the_sql_it_ran(tmp_path: Path, postgres: PostgresHost) -> None:
    (tmp_path / "sql_app.py").write_text(SQL_APP)
    async with postgres.scratch() as scratch:
        _, account, _ = postgres.psql_env(scratch)
        plain = f"postgresql://{account['PGUSER']}:{account['PGPASSWORD']}@/{scratch.name}?host={account['PGHOST']}"
        for url in (plain.replace("postgresql:", "postgresql+asyncpg:"), "sqlite+aiosqlite://"):
            environment = {"DATABASE_URL": url, "PLAIN_URL": plain}
            async with asgi_target(Application("sql_app:app", tmp_path, environment)) as target:
                found = [
                    (await target.call(Call("GET", f"/{name}"))).statements
                    for name in ("sqlite3", "sqlalchemy", "asyncpg", "psycopg")
                ]
                both = await target.together([Call("GET", f"/aiosqlite{n}") for n in range(2)])
            bound = "$1" if "asyncpg" in url else "?"
            assert found == [
                ("SELECT 1", "SELECT 2;"),
                ("SELECT 1 AS one", f"SELECT CAST({bound} AS INTEGER)"),
                (
                    *("SELECT 1", "SELECT $1::int", "SELECT 3", "SELECT 4", "SELECT 5"),
                    *("SELECT $1::int", "SELECT 8", "SELECT 9"),
                ),
                ("SELECT 1", "SELECT %s::int"),
            ]
            assert [set(answer.statements) for answer in both] == [{f"SELECT 'aiosqlite{n}'"} for n in range(2)]
            assert [len(answer.statements) for answer in both] == [3, 3]
