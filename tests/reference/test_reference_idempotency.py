"""One submission takes effect once, whoever sends it how often, and whatever dies in between."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import idempotency_program
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from idempotency_program import NOW, create_tables, database_at, order, orders, submission
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from backend.engines.postgres.host import PostgresHost
from backend.reference.database import Database
from backend.reference.errors import AppError, ConflictError, NotFoundError, ValidationError
from backend.reference.idempotency import (
    Answer,
    Submission,
    fingerprint,
    idempotency_keys,
    purge_idempotency_keys,
    read_key,
    run_once,
)

Submit = Callable[[AsyncConnection, Submission, Callable[[], Awaitable[Answer]]], Awaitable[Answer]]
PROGRAM = Path(idempotency_program.__file__)


@pytest.fixture
async def on_postgresql(postgres: PostgresHost) -> AsyncIterator[str]:
    async with postgres.scratch() as scratch:
        _, env, _ = postgres.psql_env(scratch)
        host = quote(env["PGHOST"], safe="")
        yield f"postgresql+asyncpg://{env['PGUSER']}:{env['PGPASSWORD']}@/{scratch.name}?host={host}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, on_postgresql: str, tmp_path: Path) -> str:
    return on_postgresql if request.param == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/app.db"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database on each engine."""
    async for made in database_with_tables(url):
        yield made


@pytest.fixture
async def on_server(on_postgresql: str) -> AsyncIterator[Database]:
    """A database on PostgreSQL, where two transactions write at the same time."""
    async for made in database_with_tables(on_postgresql):
        yield made


async def database_with_tables(url: str) -> AsyncIterator[Database]:
    made = database_at(url)
    try:
        await create_tables(made)
        yield made
    finally:
        await made.close()


async def submit(database: Database, what: Submission, item: str = "book") -> tuple[Answer, bool]:
    async def work(connection: AsyncConnection) -> tuple[Answer, bool]:
        return await run_once(connection, what, lambda: order(connection, item), now=NOW)

    return await database.write(work)


async def count(database: Database) -> tuple[int, int]:
    """Orders and records."""
    async with database.engine.connect() as connection:
        made = [
            await connection.scalar(select(func.count()).select_from(table)) for table in (orders, idempotency_keys)
        ]
    return made[0] or 0, made[1] or 0


async def look_then_act(
    connection: AsyncConnection, what: Submission, effect: Callable[[], Awaitable[Answer]]
) -> Answer:
    """The weakened twin: it asks for a record first and writes one last."""
    columns = idempotency_keys.c
    row = (await connection.execute(select(idempotency_keys).where(columns.key == what.key))).one_or_none()
    if row is not None:
        return Answer(row.status, row.body, row.headers)
    return await effect()


async def guarded(connection: AsyncConnection, what: Submission, effect: Callable[[], Awaitable[Answer]]) -> Answer:
    return (await run_once(connection, what, effect, now=NOW))[0]


async def orders_of_20_at_once(database: Database, way: Submit) -> int:
    async def work(connection: AsyncConnection) -> Answer:
        return await way(connection, submission(), lambda: order(connection))

    answers = await asyncio.gather(*(database.write(work) for _ in range(20)))
    assert {answer.status for answer in answers} == {201}
    return (await count(database))[0]


async def test_the_first_submission_takes_effect_and_the_second_is_told_the_same(database: Database) -> None:
    first, replayed = await submit(database, submission())
    assert not replayed
    again, replayed = await submit(database, submission())
    assert replayed
    assert again == first == Answer(201, b'{"data":{"item":"book"}}', {"Location": "/api/v1/orders/1"})
    assert await count(database) == (1, 1)


async def test_of_20_at_once_one_takes_effect(database: Database) -> None:
    assert await orders_of_20_at_once(database, guarded) == 1


async def test_looking_first_lets_several_of_20_through(on_server: Database) -> None:
    assert await orders_of_20_at_once(on_server, look_then_act) > 1


@pytest.mark.parametrize(
    "other", [submission(key="k-2"), submission(caller="bob"), submission(route="POST /api/v1/baskets")]
)
async def test_another_key_caller_or_route_is_another_submission(database: Database, other: Submission) -> None:
    await submit(database, submission())
    _, replayed = await submit(database, other)
    assert not replayed
    assert await count(database) == (2, 2)


async def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    await submit(database, submission())
    with pytest.raises(AppError) as caught:
        await submit(database, submission(item="lamp"), "lamp")
    assert (caught.value.status, caught.value.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert await count(database) == (1, 1)


async def test_a_request_that_fails_leaves_its_key_free(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        async def effect() -> Answer:
            await order(connection)
            raise NotFoundError("Basket")

        await run_once(connection, submission(item="lamp"), effect, now=NOW)

    with pytest.raises(NotFoundError):
        await database.write(work)
    assert await count(database) == (0, 0)
    _, replayed = await submit(database, submission())
    assert not replayed


async def test_a_request_that_violates_a_constraint_leaves_its_key_free(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        async def effect() -> Answer:
            await connection.execute(insert(orders).values(id=1, item="book"))
            await connection.execute(insert(orders).values(id=1, item="book"))
            raise AssertionError

        await run_once(connection, submission(), effect, now=NOW)

    with pytest.raises(IntegrityError):
        await database.write(work)
    assert await count(database) == (0, 0)


async def test_a_submission_that_is_still_running_is_not_waited_for_long(on_server: Database) -> None:
    running, finish = asyncio.Event(), asyncio.Event()

    async def slow(connection: AsyncConnection) -> Answer:
        async def effect() -> Answer:
            running.set()
            await finish.wait()
            return await order(connection)

        return (await run_once(connection, submission(), effect, now=NOW))[0]

    async def hasty(connection: AsyncConnection) -> Answer:
        return (await run_once(connection, submission(), lambda: order(connection), now=NOW, lock_wait=0.05))[0]

    first = asyncio.create_task(on_server.write(slow))
    await running.wait()
    with pytest.raises(ConflictError) as caught:
        await on_server.write(hasty)
    assert caught.value.code == "IDEMPOTENCY_IN_PROGRESS"
    finish.set()
    assert await first == await on_server.write(hasty)
    assert await count(on_server) == (1, 1)


async def test_the_effect_waits_for_its_own_locks_as_long_as_before(on_server: Database) -> None:
    async def work(connection: AsyncConnection) -> object:
        before = await connection.scalar(text("SHOW lock_timeout"))

        async def effect() -> Answer:
            assert await connection.scalar(text("SHOW lock_timeout")) == before
            return await order(connection)

        return await run_once(connection, submission(), effect, now=NOW)

    await on_server.write(work)


async def killed(url: str, *arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), url, *arguments, env=environment())
    return await process.wait()


def environment() -> dict[str, str]:
    root = PROGRAM.parents[2]
    return {"PYTHONPATH": str(root)}


async def test_a_process_that_dies_between_effect_and_commit_leaves_nothing_and_the_retry_takes_effect(
    database: Database, url: str
) -> None:
    assert await killed(url) == -signal.SIGKILL
    assert await count(database) == (0, 0)
    _, replayed = await submit(database, submission())
    assert not replayed
    assert await count(database) == (1, 1)


async def test_a_record_in_a_transaction_of_its_own_outlives_an_effect_that_was_lost(
    database: Database, url: str
) -> None:
    assert await killed(url, "apart") == -signal.SIGKILL
    assert await count(database) == (0, 1)
    _, replayed = await submit(database, submission())
    assert replayed
    assert (await count(database))[0] == 0


async def test_old_records_are_purged_and_younger_ones_kept(database: Database) -> None:
    for key, age in [("old", 25), ("young", 23)]:

        async def work(connection: AsyncConnection, key: str = key, age: int = age) -> object:
            now = NOW - timedelta(hours=age)
            return await run_once(connection, submission(key), lambda: order(connection), now=now)

        await database.write(work)
    assert (
        await database.write(lambda connection: purge_idempotency_keys(connection, before=NOW - timedelta(days=1))) == 1
    )
    assert [(await submit(database, submission(key)))[1] for key in ("young", "old")] == [True, False]


async def test_a_record_purged_at_the_moment_of_its_replay_makes_the_submission_a_new_one(on_server: Database) -> None:
    await submit(on_server, submission())
    purged = asyncio.Event()

    def purge_meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO idempotency_keys") and not purged.is_set():
            purged.set()
            await_only(on_server.write(lambda other: purge_idempotency_keys(other, before=NOW + timedelta(days=1))))

    event.listen(on_server.engine.sync_engine, "after_cursor_execute", purge_meanwhile)
    _, replayed = await submit(on_server, submission())
    assert not replayed
    assert await count(on_server) == (2, 1)


@pytest.mark.parametrize("value", ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", '"quoted"', "~" * 255, "a b"])
def test_printable_keys_are_taken_as_they_are(value: str) -> None:
    assert read_key(value) == value


@pytest.mark.parametrize("value", ["", "~" * 256, "é", "a\x00", "a\n", "\x7f"])
def test_other_keys_are_refused(value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_key(value)
    assert caught.value.details[0]["field"] == "header.idempotency-key"


def test_a_request_may_come_without_a_key() -> None:
    assert read_key(None) is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES, JSON_VALUES)
def test_bodies_have_one_fingerprint_if_they_say_the_same(one: object, other: object) -> None:
    compact = orjson.dumps(one)
    spaced = orjson.dumps(one, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    assert fingerprint("POST", "/a", compact) == fingerprint("POST", "/a", spaced)
    same = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    assert (fingerprint("POST", "/a", compact) == fingerprint("POST", "/a", orjson.dumps(other))) is same


def test_path_and_body_are_not_mixed_up() -> None:
    assert fingerprint("POST", "/a\nx", b"y") != fingerprint("POST", "/a", b"x\ny")
    assert fingerprint("POST", "/\ud800", b"") != fingerprint("POST", "/", b"")


@given(st.binary(max_size=20))
def test_any_body_has_a_fingerprint_of_its_method_and_path(body: bytes) -> None:
    prints = {fingerprint(method, path, body) for method in ("POST", "PUT") for path in ("/a", "/b")}
    assert len(prints) == 4


@pytest.mark.parametrize("depth", [300, 5000])
def test_a_body_nested_deeply_has_a_fingerprint_too(depth: int) -> None:
    one, other = b"[" * depth + b"]" * depth, b"[" * depth + b"1" + b"]" * depth
    assert fingerprint("POST", "/a", one) == fingerprint("POST", "/a", one) != fingerprint("POST", "/a", other)
