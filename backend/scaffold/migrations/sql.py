"""Tables as PostgreSQL's SQL: columns, constraints and indexes, spelled as SQLAlchemy spells them."""

from __future__ import annotations

from backend.scaffold.migrations.code import on_delete
from knowledge.blueprint.table import Check, Column, ColumnKind, ColumnType, ForeignKey, Index, Table
from knowledge.identifiers import quoted

_TYPES = {
    ColumnKind.UUID: "uuid",
    ColumnKind.TEXT: "text",
    ColumnKind.SMALLINT: "smallint",
    ColumnKind.INTEGER: "integer",
    ColumnKind.BIGINT: "bigint",
    ColumnKind.SERIAL: "bigserial",
    ColumnKind.BOOLEAN: "boolean",
    ColumnKind.TIMESTAMP: "timestamptz",
    ColumnKind.DATE: "date",
    ColumnKind.JSON: "jsonb",
    ColumnKind.BINARY: "bytea",
}


def type_sql(kind: ColumnType) -> str:
    """A type."""
    if kind.kind is ColumnKind.STRING:
        return f"varchar({kind.length})"
    if kind.kind is ColumnKind.DECIMAL:
        return f"numeric({kind.precision}, {kind.scale})"
    return _TYPES[kind.kind]


def alter(table: Table, what: str) -> str:
    """One ALTER TABLE."""
    return f"ALTER TABLE {quoted(table.name)} {what}"


def add_column(table: Table, column: Column, *, default: str = "") -> str:
    """Add a column: one that may be empty, unless old rows get a default."""
    filled = f" DEFAULT {default} NOT NULL" if default else ""
    return alter(table, f"ADD COLUMN {quoted(column.name)} {type_sql(column.type)}{filled}")


def alter_column(table: Table, column: Column, what: str) -> str:
    """One ALTER COLUMN."""
    return alter(table, f"ALTER COLUMN {quoted(column.name)} {what}")


def constraint(item: Check | ForeignKey) -> str:
    """What a constraint demands."""
    if isinstance(item, Check):
        return f"CHECK ({item.sql})"
    target = f"{quoted(item.table)} (id) ON DELETE {on_delete(item.on_delete)}"
    return f"FOREIGN KEY ({quoted(item.column)}) REFERENCES {target}"


def add_constraint(table: Table, item: Check | ForeignKey, *, old_rows: bool = True) -> str:
    """Add a constraint; without ``old_rows`` those that are there are not looked at."""
    return alter(table, f"ADD CONSTRAINT {item.name} {constraint(item)}{'' if old_rows else ' NOT VALID'}")


def drop_constraint(table: Table, item: Check | ForeignKey) -> str:
    """Drop a constraint."""
    return alter(table, f"DROP CONSTRAINT {item.name}")


def validate(table: Table, item: Check | ForeignKey) -> str:
    """Look whether the rows that are there meet a constraint; nobody waits."""
    return alter(table, f"VALIDATE CONSTRAINT {item.name}")


def index_sql(table: Table, index: Index) -> str:
    """What an index is of, as in ``posts (user_id, created_at DESC)``."""
    parts = ", ".join(quoted(part.name) + (" DESC" if part.descending else "") for part in index.columns)
    return f"{quoted(table.name)} ({parts})" + (f" WHERE {index.where}" if index.where else "")
