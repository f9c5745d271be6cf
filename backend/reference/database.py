"""The database: one pool, reads straight through the driver, writes in transactions that are tried again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import DeclarativeBase

from .engine import engine_of
from .errors import UnavailableError
from .outages import AGAIN, sqlstate, unavailable
from .queries import Query
from .settings import Settings

T = TypeVar("T")

ATTEMPTS = 4
"""Of one transaction that others get in the way of."""


class Base(DeclarativeBase):
    """Base of all tables; constraints are named, so that migrations and errors can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """A pool of connections. Make one per process and close it at the end."""

    def __init__(self, engine: AsyncEngine, *, connections: int, read_in_transaction: bool = False) -> None:
        self.engine = engine
        self._by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._fetch = self._fetch_by_driver if engine.dialect.driver == "asyncpg" else self._fetch_by_sqlalchemy
        self._read_in_transaction = read_in_transaction
        self._connections = connections

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The pool that ``settings`` describe; connections are made when they are first needed."""
        return cls(
            engine_of(settings),
            connections=settings.database_pool_size + settings.database_pool_overflow,
            read_in_transaction=settings.database_behind_pgbouncer,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def fetch_all(self, query: Query, **parameters: Any) -> Sequence[Mapping[str, Any]]:
        """All rows of a read.

        Raises:
            UnavailableError: no connection could be had, or the database does not answer in time.
        """
        with unavailable():
            return query.shaped(await self._fetch(query, parameters))

    async def fetch_one(self, query: Query, **parameters: Any) -> Mapping[str, Any] | None:
        """The first row of a read, or ``None``.

        Raises:
            UnavailableError: no connection could be had, or the database does not answer in time.
        """
        with unavailable():
            rows = await self._fetch(query, parameters)
        return rows[0] if rows else None

    async def fetch_value(self, query: Query, **parameters: Any) -> Any:
        """The first column of the first row, or ``None``.

        Raises:
            UnavailableError: no connection could be had, or the database does not answer in time.
        """
        row = await self.fetch_one(query, **parameters)
        return next(iter(row.values())) if row else None

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]], *, statements: int = 2) -> T:
        """Run ``work`` in a transaction and commit; again from the start where the database asks for that.

        ``work`` must do nothing that cannot be undone by a rollback. Where it is known to run one statement
        (``statements=1``) that commits by itself: BEGIN and COMMIT are round trips of their own. Not behind pgbouncer,
        which gives the preparing and the running of a statement to one server only within a transaction.

        Raises:
            UnavailableError: no connection could be had, the database does not answer in time, or it asked for
                another attempt too often.
            sqlalchemy.exc.IntegrityError: a constraint was violated.
        """
        alone = statements == 1 and not self._read_in_transaction
        begin = self._by_itself.connect if alone else self.engine.begin
        with unavailable():
            for attempt in range(1, ATTEMPTS):
                try:
                    async with begin() as connection:
                        return await work(connection)
                except DBAPIError as error:
                    if sqlstate(error) not in AGAIN:
                        raise
                    await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
            async with begin() as connection:
                return await work(connection)

    async def _fetch_by_sqlalchemy(self, query: Query, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        async with self._by_itself.connect() as connection:
            rows = (await connection.execute(query.statement, parameters)).mappings().all()
            return cast(Sequence[Mapping[str, Any]], rows)

    async def _fetch_by_driver(self, query: Query, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Past SQLAlchemy's cursor and result, which cost more than the statement itself.

        That a pooled connection was lost is seen only when it is used; the read then goes to the next one.
        """
        sql, values = query.for_driver(self.engine.dialect, parameters)
        rows: Sequence[Mapping[str, Any]]
        for _ in range(self._connections):
            pooled = await self.engine.raw_connection()
            driver: Any = pooled.driver_connection
            try:
                if not self._read_in_transaction:
                    rows = await driver.fetch(sql, *values)
                else:
                    async with driver.transaction(readonly=True):
                        rows = await driver.fetch(sql, *values)
                return rows
            except Exception:
                if not driver.is_closed():
                    raise
            finally:
                if driver.is_closed():
                    pooled.invalidate()
                else:
                    pooled.close()
        raise UnavailableError
