"""One pool: reads past SQLAlchemy, writes that are tried again, and an outage that is told as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from platform_app import SECRET
from sqlalchemy import Integer, MetaData, bindparam, event, insert, literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.reference.database import Database
from backend.reference.errors import UnavailableError
from backend.reference.ids import uuid7
from backend.reference.queries import Query, embedded
from backend.reference.serialization import to_json
from backend.reference.settings import Settings
from backend.reference.types import Document, Exact, UtcDateTime

pytest_plugins = ("outbox_fixtures",)


class Tables(DeclarativeBase):
    metadata = MetaData()


class Thing(Tables):
    __tablename__ = "database_things"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID | None]
    name: Mapped[str]
    price: Mapped[Decimal] = mapped_column(Exact(15, 2))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[date]
    open: Mapped[bool]
    document: Mapped[Any] = mapped_column(Document)


class Owner(Tables):
    __tablename__ = "database_owners"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    extra: Mapped[Any | None] = mapped_column(Document)


COLUMNS = (Thing.id, Thing.name, Thing.price, Thing.seen_at, Thing.day, Thing.open, Thing.document)
GET = Query(select(*COLUMNS).where(Thing.id == bindparam("id")))


def settings(url: str, **more: Any) -> Settings:
    return Settings(_env_file=None, environment="test", jwt_secret=SECRET, database_url=url, **more)


def thing(**changes: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "owner_id": None,
        "name": "ünï",
        "price": Decimal("9999999999999.99"),
        "seen_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "open": True,
        "document": {"a": [1, None, "x"]},
    } | changes


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/things.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database.of(settings(url))
    async with opened.engine.begin() as connection:
        await connection.run_sync(Tables.metadata.create_all)
    yield opened
    await opened.close()


async def add(database: Database, **changes: Any) -> dict[str, Any]:
    row = thing(**changes)
    await database.write(lambda connection: connection.execute(insert(Thing).values(row)))
    return row


async def test_a_row_reads_the_same_on_every_engine(database: Database) -> None:
    row = await add(database)
    read = await database.fetch_one(GET, id=row["id"])
    assert read is not None
    assert to_json(read) == (
        b'{"id":"%s","name":"\xc3\xbcn\xc3\xaf","price":"9999999999999.99","seen_at":"2026-01-02T03:04:05.678901Z",'
        b'"day":"2026-01-02","open":true,"document":{"a":[1,null,"x"]}}' % str(row["id"]).encode()
    )


async def test_a_row_that_is_not_there_is_none(database: Database) -> None:
    assert await database.fetch_one(GET, id=uuid7()) is None
    assert await database.fetch_value(GET, id=uuid7()) is None
    assert list(await database.fetch_all(GET, id=uuid7())) == []


async def test_an_embedded_row_is_a_mapping_of_its_own_or_nothing(database: Database) -> None:
    owner = uuid7()
    row = {"id": owner, "name": "Ann", "extra": {"k": 1}}
    await database.write(lambda connection: connection.execute(insert(Owner).values(row)))
    await add(database, owner_id=owner)
    await add(database, owner_id=None)
    query = Query(
        select(Thing.name, *embedded("owner", (Owner.id, Owner.name, Owner.extra)))
        .outerjoin(Owner, Owner.id == Thing.owner_id)
        .order_by(Thing.id)
    )
    rows = await database.fetch_all(query)
    assert rows == [
        {"name": "ünï", "owner": {"id": owner, "name": "Ann", "extra": {"k": 1}}},
        {"name": "ünï", "owner": None},
    ]


async def test_a_query_is_compiled_once(database: Database) -> None:
    query = Query(select(literal(1, Integer)).where(bindparam("yes", type_=Integer) == 1))
    first = query.for_driver(database.engine.dialect, {"yes": 1})
    assert query.for_driver(database.engine.dialect, {"yes": 2})[0] is first[0]


async def test_a_write_is_undone_whole_when_it_fails(database: Database) -> None:
    row = thing()

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(Thing).values(row))
        await connection.execute(insert(Thing).values(row))

    with pytest.raises(IntegrityError):
        await database.write(work)
    assert await database.fetch_one(GET, id=row["id"]) is None


async def test_writers_of_the_same_row_wait_for_each_other(database: Database) -> None:
    row = await add(database, document={"count": 0})

    async def increment(connection: AsyncConnection) -> None:
        locked = select(Thing.document).where(Thing.id == row["id"]).with_for_update()
        count = (await connection.execute(locked)).scalar_one()["count"]
        await asyncio.sleep(0)
        changed = Thing.__table__.update().where(Thing.id == row["id"]).values(document={"count": count + 1})
        await connection.execute(changed)

    await asyncio.gather(*(database.write(increment) for _ in range(20)))
    read = await database.fetch_one(GET, id=row["id"])
    assert read is not None and read["document"] == {"count": 20}


async def test_a_deadlock_is_tried_again_until_both_have_written(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url))
    async with database.engine.begin() as connection:
        await connection.run_sync(Tables.metadata.create_all)
    one, two = (await add(database))["id"], (await add(database))["id"]
    attempts = 0
    met = asyncio.Barrier(2)

    async def both(first: UUID, second: UUID, connection: AsyncConnection) -> None:
        nonlocal attempts
        attempts += 1
        await connection.execute(Thing.__table__.update().where(Thing.id == first).values(name="x"))
        if attempts <= 2:
            await met.wait()
        await connection.execute(Thing.__table__.update().where(Thing.id == second).values(name="x"))

    await asyncio.gather(
        database.write(lambda connection: both(one, two, connection)),
        database.write(lambda connection: both(two, one, connection)),
    )
    assert attempts == 3
    await database.close()


async def test_a_transaction_that_can_never_be_serialized_ends_as_unavailable(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url))
    attempts = 0

    async def fail(connection: AsyncConnection) -> None:
        nonlocal attempts
        attempts += 1
        await connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(UnavailableError):
        await database.write(fail)
    assert attempts == 4
    await database.close()


async def test_an_error_of_the_application_is_not_tried_again(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url))
    attempts = 0

    async def fail(connection: AsyncConnection) -> None:
        nonlocal attempts
        attempts += 1
        await connection.execute(text("select 1/0"))

    with pytest.raises(DBAPIError):
        await database.write(fail)
    assert attempts == 1
    await database.close()


async def test_a_statement_that_takes_too_long_is_cancelled_by_the_server(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url, database_statement_timeout=0.2))
    slow = Query(select(literal(1)).select_from(text("pg_sleep(20)")))
    with pytest.raises(UnavailableError):
        await database.fetch_all(slow)
    with pytest.raises(UnavailableError):
        await database.write(lambda connection: connection.execute(text("select pg_sleep(20)")))
    assert await database.fetch_value(Query(select(literal(1)))) == 1
    await database.close()


async def test_waiting_for_a_connection_ends_as_unavailable(postgres_url: str) -> None:
    pool = {"database_pool_size": 1, "database_pool_overflow": 0, "database_pool_timeout": 0.1}
    database = Database.of(settings(postgres_url, **pool))
    async with database.engine.connect():
        with pytest.raises(UnavailableError):
            await database.fetch_value(Query(select(literal(1))))
    assert await database.fetch_value(Query(select(literal(1)))) == 1
    await database.close()


async def test_connections_lost_in_the_pool_are_not_noticed_by_readers(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url))
    one = Query(select(literal(1)))
    await asyncio.gather(*(database.fetch_value(one) for _ in range(5)))
    killer = Database.of(settings(postgres_url))
    others = text(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        " and datname = current_database() and usename = current_user"
    )
    await killer.write(lambda connection: connection.execute(others))
    assert await asyncio.gather(*(database.fetch_value(one) for _ in range(10))) == [1] * 10
    await database.close()
    await killer.close()


async def test_behind_pgbouncer_nothing_outlives_a_transaction(postgres_url: str) -> None:
    database = Database.of(settings(postgres_url, database_behind_pgbouncer=True, database_pool_size=1))
    async with database.engine.begin() as connection:
        await connection.run_sync(Tables.metadata.create_all)
    row = await add(database)
    for _ in range(3):
        assert (await database.fetch_one(GET, id=row["id"])) is not None
    commits: list[str] = []
    event.listen(database.engine.sync_engine, "commit", lambda _connection: commits.append("commit"))
    await database.write(lambda connection: connection.execute(insert(Thing).values(thing())), statements=1)
    assert commits == ["commit"]
    kept = Query(select(text("count(*)")).select_from(text("pg_prepared_statements")))
    assert await database.fetch_value(kept) <= 1, "only the statement that asks"
    await database.close()


async def test_a_single_statement_commits_by_itself(database: Database) -> None:
    row = thing()
    begun: list[str] = []
    event.listen(database.engine.sync_engine, "commit", lambda _connection: begun.append("commit"))
    await database.write(lambda connection: connection.execute(insert(Thing).values(row)), statements=1)
    assert await database.fetch_one(GET, id=row["id"]) is not None
    with pytest.raises(IntegrityError):
        await database.write(lambda connection: connection.execute(insert(Thing).values(row)), statements=1)
    assert begun == []
