"""Values for rows that were there before a column was, as SQL of either engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column, ColumnKind, ColumnType, Table

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Tenant or owner of rows that were there before rows had one: no caller is it, so nobody sees them."""


@dataclass(frozen=True)
class Fill:
    """What old rows get in a column, and whether the blueprint says so."""

    value: JsonValue
    chosen: bool
    """False: the blueprint names no value, so it is the emptiest one of the type."""


def fill_of(blueprint: Blueprint, table: Table, column: Column) -> Fill | None:
    """The value for old rows; ``None`` where there can be none: relations, and values that must differ."""
    if _alone_in_unique(table, column):
        return None
    if not column.field:
        return {"version": Fill(1, True), "tenant_id": Fill(NOBODY, False), "owner_id": Fill(NOBODY, False)}.get(
            column.name
        )
    spec = blueprint.resources[table.resource].fields.get(column.field) if table.resource else None
    if spec is None:
        return None
    if spec.default is not None:
        return Fill(spec.default, True)
    return Fill(_emptiest(spec), False)


def _alone_in_unique(table: Table, column: Column) -> bool:
    return any(
        index.unique and [part.name for part in index.columns if part.name != "tenant_id"] == [column.name]
        for index in table.indexes
    )


def _emptiest(spec: FieldSpec) -> JsonValue:
    """The emptiest value that the column's checks let through."""
    if spec.type in (FieldType.INTEGER, FieldType.DECIMAL):
        least = max(spec.minimum, 0.0) if spec.minimum is not None else 0.0
        value = min(least, spec.maximum) if spec.maximum is not None else least
        return int(value) if value.is_integer() else value
    values: dict[FieldType, JsonValue] = {
        FieldType.BOOLEAN: False,
        FieldType.DATETIME: "1970-01-01T00:00:00Z",
        FieldType.DATE: "1970-01-01",
        FieldType.UUID: NOBODY,
        FieldType.ENUM: spec.values[0] if spec.values else "",
        FieldType.JSON: {},
    }
    return values.get(spec.type, "")


def literal(value: JsonValue, kind: ColumnType, *, sqlite: bool) -> str:
    """A value as a literal of the engine, stored as the application stores it."""
    match kind.kind:
        case ColumnKind.BOOLEAN:
            return str(int(bool(value))) if sqlite else str(bool(value)).lower()
        case ColumnKind.JSON:
            text = json.dumps(value)
            return _text(text) if sqlite else f"{_text(text)}::jsonb"
        case ColumnKind.BIGINT | ColumnKind.DECIMAL:
            return str(value)
        case ColumnKind.TIMESTAMP:
            moment = datetime.fromisoformat(str(value)).astimezone(UTC)
            return _text(f"{moment:%Y-%m-%d %H:%M:%S.%f}" if sqlite else f"{moment:%Y-%m-%d %H:%M:%S.%f}+00")
        case ColumnKind.UUID:
            return _text(str(value).replace("-", "") if sqlite else str(value))
        case _:
            return _text(str(value))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
