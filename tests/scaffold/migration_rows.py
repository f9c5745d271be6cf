"""Metadata and rows for the tables of a blueprint."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from backend.reference.database import Base
from backend.scaffold.migrations.code import items
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.platform_tables import PLATFORM_TABLES
from knowledge.blueprint.table import Column, ColumnKind, Table
from knowledge.blueprint.tables import tables

ROWS = 3


class _Op:
    """``op.f`` of the rendered code: a name that is final."""

    @staticmethod
    def f(name: str) -> Any:
        return sa.sql.naming.conv(name)


def metadata_of(blueprint: Blueprint) -> sa.MetaData:
    """All tables as SQLAlchemy's."""
    metadata = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    for table in (*PLATFORM_TABLES, *tables(blueprint)):
        scope = {"sa": sa, "op": _Op, "postgresql": postgresql}
        made = sa.Table(table.name, metadata, *(eval(item, scope) for item in items(table)))
        for index in table.indexes:
            parts = [made.c[part.name].desc() if part.descending else made.c[part.name] for part in index.columns]
            where = sa.text(index.where) if index.where else None
            sa.Index(index.name, *parts, unique=index.unique, postgresql_where=where, sqlite_where=where)
    return metadata


def insert_rows(connection: sa.Connection, blueprint: Blueprint, count: int = ROWS) -> None:
    """Some rows in every table of a resource or link, parents first."""
    metadata = metadata_of(blueprint)
    for table in tables(blueprint):
        keys = {key.column: key.table for key in table.foreign_keys}
        rows = [
            {
                column.name: _id(keys[column.name], n) if column.name in keys else _value(blueprint, table, column, n)
                for column in table.columns
            }
            for n in range(count)
        ]
        connection.execute(sa.insert(metadata.tables[table.name]), rows)
    connection.commit()


def _id(table: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{table}/{number}")


def _value(blueprint: Blueprint, table: Table, column: Column, n: int) -> Any:
    if column.name == "id":
        return _id(table.name, n)
    if column.nullable and n == ROWS - 1:
        return None
    spec = blueprint.resources[table.resource].fields.get(column.field) if column.field else None
    if spec is not None and spec.values:
        return spec.values[n % len(spec.values)]
    return {
        ColumnKind.UUID: _id("other", n),
        ColumnKind.STRING: f"{n}"[: column.type.length],
        ColumnKind.BIGINT: n,
        ColumnKind.DECIMAL: Decimal(f"{n}.5"),
        ColumnKind.BOOLEAN: bool(n % 2),
        ColumnKind.TIMESTAMP: datetime.datetime(2026, 1, 1 + n, tzinfo=datetime.UTC),
        ColumnKind.DATE: datetime.date(2026, 1, 1 + n),
        ColumnKind.JSON: {"n": n},
    }[column.type.kind]


def count_rows(connection: sa.Connection, blueprint: Blueprint) -> dict[str, int]:
    """Rows by table."""
    counts = {
        table.name: connection.exec_driver_sql(f'SELECT count(*) FROM "{table.name}"').scalar_one()
        for table in tables(blueprint)
    }
    connection.commit()
    return counts
