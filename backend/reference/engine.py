"""How connections are made: pool size, timeouts, and what each engine needs to behave."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .settings import Settings


def engine_of(settings: Settings) -> AsyncEngine:
    """The engine of ``settings.database_url``; nothing is connected yet."""
    url = make_url(settings.database_url.get_secret_value())
    engine = create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_overflow,
        pool_timeout=settings.database_pool_timeout,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args=_connect_arguments(url, settings),
    )
    if url.get_backend_name() == "sqlite":
        _behave_like_a_server(engine)
    return engine


def _connect_arguments(url: URL, settings: Settings) -> dict[str, Any]:
    seconds = settings.database_statement_timeout
    if url.get_backend_name() == "sqlite":
        return {"timeout": seconds}
    if settings.database_behind_pgbouncer:
        return {
            "command_timeout": seconds,
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__{uuid4()}__",
        }
    milliseconds = str(int(seconds * 1000))
    return {
        "timeout": settings.database_pool_timeout,
        "command_timeout": seconds + 0.5,  # the server gives up first, and says why
        "server_settings": {
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "jit": "off",  # it costs more than the short statements of an API take
        },
    }


def _behave_like_a_server(engine: AsyncEngine) -> None:
    """Foreign keys, readers beside a writer, and transactions that take their lock at once.

    A transaction that begins by reading and then writes could otherwise fail halfway, whatever its timeout.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
