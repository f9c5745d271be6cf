"""Runs revisions on real databases without a project around them."""

from __future__ import annotations

import io
import sys
import types
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.scaffold.migrations.render import VERSIONS, render_migrations
from knowledge.blueprint.model import Blueprint
from knowledge.migration import Migration, MigrationFolder


def files_of(before: Blueprint, *after: Blueprint) -> dict[str, str]:
    """Everything rendered for a blueprint and those that came after it."""
    files = render_migrations(before, None, {})
    for old, new in zip((before, *after), after, strict=False):
        files = render_migrations(new, old, files)
    return files


def modules(files: Mapping[str, str]) -> list[Any]:
    """The revisions as modules, in order."""
    package, steps = types.ModuleType("migrations"), types.ModuleType("migrations.steps")
    sys.modules |= {"migrations": package, "migrations.steps": steps}
    try:
        exec(compile(files["migrations/steps.py"], "steps.py", "exec"), steps.__dict__)
        made = []
        for path in sorted(path for path in files if path.startswith(VERSIONS)):
            module = types.ModuleType(path)
            exec(compile(files[path], path, "exec"), module.__dict__)
            made.append(module)
        return made
    finally:
        del sys.modules["migrations"], sys.modules["migrations.steps"]


def run(connection: sa.Connection, revisions: Sequence[Any], way: str = "upgrade") -> None:
    """Run revisions one by one, each in a transaction, as ``env.py`` does."""
    for revision in revisions if way == "upgrade" else revisions[::-1]:
        context = MigrationContext.configure(
            connection, opts={"transactional_ddl": True, "transaction_per_migration": True}
        )
        with context.begin_transaction(_per_migration=True), Operations.context(context):
            getattr(revision, way)()


def offline(revision: Any, way: str, dialect: str) -> str:
    """The SQL of one way."""
    buffer = io.StringIO()
    options = {"as_sql": True, "output_buffer": buffer, "transactional_ddl": True, "literal_binds": True}
    context = MigrationContext.configure(dialect_name=dialect, opts=options)
    if dialect == "postgresql":
        context.execute("SET lock_timeout = '3s'")
    with Operations.context(context):
        getattr(revision, way)()
    return buffer.getvalue()


def folder_of(files: Mapping[str, str], dialect: str) -> MigrationFolder:
    """The revisions as a folder that can be rehearsed."""
    from backend.foreign.alembic import without_outer_transaction

    paths = sorted(path for path in files if path.startswith(VERSIONS))
    migrations = []
    for path, module in zip(paths, modules(files), strict=True):
        up, transactional = without_outer_transaction(
            {"sql": offline(module, "upgrade", dialect), "transactional": True}
        )
        down, _ = without_outer_transaction({"sql": offline(module, "downgrade", dialect), "transactional": True})
        migrations.append(
            Migration(module.revision, path, up, path, down=down, down_path=path, transactional=transactional)
        )
    return MigrationFolder("migrations", "alembic", dialect, tuple(migrations))


@asynccontextmanager
async def postgres_engine(host: PostgresHost, scratch: Scratch) -> AsyncIterator[AsyncEngine]:
    """The scratch database, as its guest."""
    _, environment, _ = host.psql_env(scratch)
    user, password = environment["PGUSER"], environment["PGPASSWORD"]
    query = {"host": environment["PGHOST"], "port": environment["PGPORT"]}
    url = sa.URL.create("postgresql+asyncpg", user, password, database=scratch.name, query=query)
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def sqlite_memory() -> Iterator[sa.Connection]:
    """A database in memory whose transactions hold changes of tables too."""
    engine = sa.create_engine("sqlite://")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        yield connection
    engine.dispose()


def sqlite_objects(connection: sa.Connection) -> dict[str, str]:
    """Every object and its text."""
    statement = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
    found = {row[0]: " ".join(row[1].split()) for row in connection.exec_driver_sql(statement)}
    connection.commit()
    return found
