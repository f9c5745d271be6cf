"""Rows for the tables of a blueprint: every value valid, every row with a parent."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column, ColumnKind, Table
from knowledge.blueprint.tables import tables

TENANT = UUID("0190163d-8694-739b-aea5-966c26f8ad91")
START = datetime(2026, 1, 1, tzinfo=UTC)


def row_id(table: str, number: int) -> UUID:
    """The id of a row."""
    return uuid5(TENANT, f"{table}/{number}")


async def fill(connection: asyncpg.Connection, blueprint: Blueprint, count: int) -> None:
    """``count`` rows in each table, five to a parent by their first reference; of pairs two for each row."""
    for table in tables(blueprint):
        rows = [record for number in range(count) for record in _records(blueprint, table, number, count)]
        names = [column.name for column in table.columns]
        await connection.copy_records_to_table(table.name, records=rows, columns=names)


def fill_sqlite(connection: sqlite3.Connection, blueprint: Blueprint, count: int) -> None:
    """The same rows in the tables of Drizzle's SQLite schema: moments as milliseconds, identifiers as text."""
    for table in tables(blueprint):
        marks = ", ".join("?" * len(table.columns))
        for number in range(count):
            rows = [[_plain(value) for value in record] for record in _records(blueprint, table, number, count)]
            connection.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return str(value) if isinstance(value, (UUID, date, Decimal)) else value


def _records(blueprint: Blueprint, table: Table, number: int, count: int) -> list[tuple[Any, ...]]:
    targets = {key.column: key.table for key in table.foreign_keys}
    if not table.resource:
        near, far = (targets[name] for name in table.primary_key)
        return [(row_id(near, number), row_id(far, (number + step) % count)) for step in (0, 1)]
    fields = blueprint.resources[table.resource].fields
    values = []
    for column in table.columns:
        if column.name in targets:
            target = targets[column.name]
            place = number // 5 if column.name == next(iter(targets)) else number
            values.append(None if target == table.name else row_id(target, place))
        else:
            values.append(_value(table, column, fields.get(column.field), number))
    return [tuple(values)]


def _value(table: Table, column: Column, spec: FieldSpec | None, number: int) -> Any:
    match column.name:
        case "id":
            return row_id(table.name, number)
        case "tenant_id":
            return TENANT
        case "version":
            return 1
        case "created_at" | "updated_at":
            return START + timedelta(seconds=number)
        case "deleted_at":
            return None
    if spec is not None and spec.type is FieldType.ENUM:
        return spec.values[number % len(spec.values)]
    least = Decimal(str(spec.minimum if spec and spec.minimum is not None else 0))
    match column.type.kind:
        case ColumnKind.UUID:
            return row_id(f"{table.name}.{column.name}", number)
        case ColumnKind.BIGINT:
            return int(least)
        case ColumnKind.DECIMAL:
            return least
        case ColumnKind.BOOLEAN:
            return number % 2 == 0
        case ColumnKind.TIMESTAMP:
            return START
        case ColumnKind.DATE:
            return date(2026, 1, 1) + timedelta(days=number)
        case ColumnKind.JSON:
            return '{"key": "value"}'
    return f"{column.name[:20]}-{number}"[-(column.type.length or 255) :]
