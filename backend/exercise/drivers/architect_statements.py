"""Which SQL each request runs: hooks in the database drivers, because not every read goes through an ORM.

Statements are kept in a context variable, so those of requests that run at the same time do not mix.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import re
import signal
from contextvars import ContextVar, copy_context
from typing import Any

MOST = 500
"""Statements kept of one request; more are counted in the last line."""

HOUSEKEEPING = re.compile(
    r"\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|SHOW|DISCARD|DEALLOCATE|LISTEN|UNLISTEN"
    r"|PRAGMA|CLOSE\s+ALL)\b|\s*SELECT\s+(?:pg_advisory_unlock_all\b|pg_catalog\.version\b|current_schema\b"
    r"|sqlite_version\b|last_insert_rowid\b|CAST\('test (?:plain|unicode) returns')",
    re.IGNORECASE,
)
"""Transaction control and what drivers and pools say on their own account: no query of the application."""

HOOKED = frozenset({"asyncpg", "pysqlite", "aiosqlite", "psycopg", "psycopg_async"})
"""SQLAlchemy's names of the drivers that are hooked themselves."""

Statements = list[str]
_current: ContextVar[Statements | None] = ContextVar("architect_statements", default=None)
_deadly: ContextVar[re.Pattern[str] | None] = ContextVar("architect_deadly", default=None)


def begin(die_before: str = "") -> Statements:
    """Start a request's list; what runs in this context, and in those copied from it, is added to it.

    The process is killed when the request is about to run a statement that begins as ``die_before`` says.
    """
    statements: Statements = []
    _current.set(statements)
    _deadly.set(re.compile(die_before, re.IGNORECASE) if die_before else None)
    return statements


def record(sql: object) -> None:
    """Add a statement to the request under way, if there is one and the statement is the application's."""
    statements = _current.get()
    if statements is None or len(statements) > MOST:
        return
    text = sql.decode(errors="replace") if isinstance(sql, bytes) else str(sql)
    deadly = _deadly.get()
    if deadly is not None and deadly.match(text):
        os.kill(os.getpid(), signal.SIGKILL)
    if HOUSEKEEPING.match(text):
        return
    statements.append(text if len(statements) < MOST else f"-- more than {MOST} statements")


def install() -> None:
    """Hook every driver that the interpreter has."""
    _hook_sqlite()
    for module, hook in (
        ("aiosqlite.core", _hook_aiosqlite),
        ("asyncpg.connection", _hook_asyncpg),
        ("psycopg", _hook_psycopg),
        ("sqlalchemy.event", _hook_sqlalchemy),
    ):
        if importlib.util.find_spec(module.partition(".")[0]) is None:
            continue
        try:
            found = importlib.import_module(module)
        except Exception:  # an installation that is broken breaks what needs it, not this
            continue
        hook(found)


def _before(owner: Any, method: str, sql_of: Any) -> None:
    """Make ``owner.method`` record what ``sql_of`` finds in its arguments, then do what it did."""
    original = getattr(owner, method, None)
    if original is None:
        return

    @functools.wraps(original)
    def recording(self: Any, *args: Any, **options: Any) -> Any:
        sql = sql_of(self, *args, **options)
        if sql is not None:
            record(sql)
        return original(self, *args, **options)

    setattr(owner, method, recording)


def _first(_self: Any, sql: object = None, *_args: Any, **options: Any) -> object:
    return sql if sql is not None else options.get("query")


def _own(self: Any, *_args: Any, **_options: Any) -> object:
    return self._query


def _hook_asyncpg(connection: Any) -> None:
    """Arguments or not, prepared or not; the driver's own look-ups of types do not pass here."""
    cursors = importlib.import_module("asyncpg.cursor")
    prepared = importlib.import_module("asyncpg.prepared_stmt")
    _before(connection.Connection, "execute", lambda _self, query, *args, **_options: None if args else query)
    for method in ("_execute", "_executemany", "_copy_in", "_copy_out"):
        _before(connection.Connection, method, _first)
    _before(prepared.PreparedStatement, "_PreparedStatement__do_execute", _own)
    for method in ("_bind_exec", "_bind"):
        _before(cursors.BaseCursor, method, _own)


def _hook_aiosqlite(core: Any) -> None:
    """Its thread runs each call in the context of the caller, so that the hook of sqlite3 finds the request."""
    original = core.Connection._execute

    @functools.wraps(original)
    async def in_context(self: Any, function: Any, *args: Any, **options: Any) -> Any:
        return await original(self, copy_context().run, function, *args, **options)

    core.Connection._execute = in_context


def _hook_psycopg(psycopg: Any) -> None:
    def text(cursor: Any, query: Any, *_args: Any, **_options: Any) -> object:
        return query.as_string(cursor) if hasattr(query, "as_string") else query

    for name in ("Cursor", "AsyncCursor", "ClientCursor", "AsyncClientCursor"):
        for method in ("execute", "executemany", "stream"):
            if method in vars(getattr(psycopg, name)):
                _before(getattr(psycopg, name), method, text)


def _hook_sqlalchemy(event: Any) -> None:
    """For drivers without a hook of their own."""
    engine = importlib.import_module("sqlalchemy.engine").Engine

    def before(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.dialect.driver not in HOOKED:
            record(statement)

    event.listen(engine, "before_cursor_execute", before)


def _hook_sqlite() -> None:
    sqlite3 = importlib.import_module("sqlite3")
    dbapi = importlib.import_module("sqlite3.dbapi2")
    original = sqlite3.connect

    class Cursor(sqlite3.Cursor):  # type: ignore[misc, name-defined]
        def execute(self, sql: str, *args: Any) -> Any:
            record(sql)
            return super().execute(sql, *args)

        def executemany(self, sql: str, *args: Any) -> Any:
            record(sql)
            return super().executemany(sql, *args)

        def executescript(self, sql: str) -> Any:
            record(sql)
            return super().executescript(sql)

    @functools.cache
    def recording(base: Any) -> Any:
        class Connection(base):  # type: ignore[misc]
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def execute(self, *args: Any) -> Any:
                return self.cursor().execute(*args)

            def executemany(self, *args: Any) -> Any:
                return self.cursor().executemany(*args)

            def executescript(self, *args: Any) -> Any:
                return self.cursor().executescript(*args)

        return Connection

    @functools.wraps(original)
    def connect(*args: Any, **options: Any) -> Any:
        positional = list(args)
        if len(positional) > 5:  # where the factory may stand without its name
            positional[5] = recording(positional[5])
        else:
            options["factory"] = recording(options.get("factory", sqlite3.Connection))
        return original(*positional, **options)

    for module in (sqlite3, dbapi):
        vars(module)["connect"] = connect
