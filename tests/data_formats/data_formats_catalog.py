"""Catalogues compared: what a written schema makes of an empty database, and what the blueprint's own DDL makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.scaffold.migrations.code import items
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.table import Table
from knowledge.blueprint.tables import tables
from knowledge.schema import Relation, Schema

EXAMPLES = {path.stem: path for path in sorted(Path("examples").glob("*.yaml"))}


def example(name: str) -> Blueprint:
    """One of the example blueprints."""
    return read_blueprint(EXAMPLES[name].read_text())


class _Op:
    @staticmethod
    def f(name: str) -> Any:
        return sa.sql.naming.conv(name)


def metadata(made: Iterable[Table]) -> sa.MetaData:
    """The tables as the migrations of a scaffolded backend make them."""
    found = sa.MetaData()
    for table in made:
        scope = {"sa": sa, "op": _Op, "postgresql": postgresql}
        copy = sa.Table(table.name, found, *(eval(item, scope) for item in items(table)))
        for index in table.indexes:
            where = sa.text(index.where) if index.where else None
            parts = [copy.c[part.name].desc() if part.descending else copy.c[part.name] for part in index.columns]
            sa.Index(index.name, *parts, unique=index.unique, postgresql_where=where, sqlite_where=where)
    return found


def statements(found: sa.MetaData) -> list[str]:
    """The DDL of SQLAlchemy tables."""
    lines: list[str] = []
    dialect = postgresql.dialect()
    engine = sa.create_mock_engine(
        "postgresql+asyncpg://", lambda statement, *_, **__: lines.append(str(statement.compile(dialect=dialect)))
    )
    found.create_all(engine, checkfirst=False)
    return lines


def own_ddl(blueprint: Blueprint) -> list[str]:
    """What makes the blueprint's tables."""
    return statements(metadata(tables(blueprint)))


@asynccontextmanager
async def connected(scratch: Scratch) -> AsyncIterator[asyncpg.Connection]:
    """A session that is closed in the end."""
    connection = await scratch.connect()
    try:
        yield connection
    finally:
        await connection.close()


async def catalogue(postgres: PostgresHost, ddl: Iterable[str]) -> Schema:
    """The schema a database has after some statements."""
    async with postgres.scratch() as scratch, connected(scratch) as connection:
        for statement in ddl:
            await connection.execute(statement)
        return await read_schema(connection)


def told(schema: Schema, *, checks: bool = True) -> dict[str, Any]:
    """What catalogues are compared by: everything but the order of things."""
    return {table.qualified: _table(table, checks) for table in schema.tables}


def _table(table: Relation, checks: bool) -> dict[str, Any]:
    kept = [each for each in table.constraints if each.kind != "not_null" and (checks or each.kind != "check")]
    return {
        "columns": {column.name: (column.type, column.nullable, column.default) for column in table.columns},
        "constraints": {each.name: each.definition for each in kept},
        "indexes": {index.name: index.definition for index in table.indexes},
    }
