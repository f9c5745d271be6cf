"""Whether PostgreSQL keeps a value: asked of a table with the one column and its CHECK constraint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.scaffold.migrations.sql import type_sql
from backend.schema_parity.document import Unfit, decimal_of
from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.table import Column
from knowledge.identifiers import quoted

if TYPE_CHECKING:
    import asyncpg

_TABLE = "schema_parity"
_CASTS = {
    FieldType.INTEGER: "::bigint",
    FieldType.DECIMAL: "::numeric",
    FieldType.BOOLEAN: "::boolean",
    FieldType.DATETIME: "::timestamptz",
    FieldType.DATE: "::date",
    FieldType.UUID: "::uuid",
    FieldType.JSON: "::jsonb",
}
"""Texts are cast by the assignment alone: a cast to ``varchar(n)`` would cut them."""


async def kept(
    connection: asyncpg.Connection, column: Column, spec: FieldSpec, condition: str, values: Sequence[Any]
) -> list[bool]:
    """Of each value whether a row with it can be written. The session is as it was before.

    Raises:
        asyncpg.PostgresError: the table cannot be made.
    """
    import asyncpg

    check = f", CHECK ({condition})" if condition else ""
    null = "" if column.nullable else " NOT NULL"
    outer = connection.transaction()
    await outer.start()
    try:
        await connection.execute(
            f"CREATE TEMP TABLE {_TABLE} ({quoted(column.name)} {type_sql(column.type)}{null}{check})"
        )
        found = []
        insert = f"INSERT INTO {_TABLE} VALUES ($1::text{_CASTS.get(spec.type, '')})"
        for value in values:
            try:
                async with connection.transaction():
                    await connection.execute(insert, _text(spec, value))
                found.append(True)
            except (Unfit, asyncpg.PostgresError):
                found.append(False)
        return found
    finally:
        await outer.rollback()


def _text(spec: FieldSpec, value: Any) -> str | None:
    """The value as its driver would send it.

    Raises:
        Unfit: it is of another type.
    """
    if value is None:
        return None
    match spec.type:
        case FieldType.INTEGER if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        case FieldType.DECIMAL:
            return str(decimal_of(value))
        case FieldType.BOOLEAN if isinstance(value, bool):
            return str(value).lower()
        case FieldType.JSON:
            return json.dumps(value)
        case FieldType.INTEGER | FieldType.BOOLEAN:
            raise Unfit(repr(value))
    if not isinstance(value, str):
        raise Unfit(repr(value))
    return value
