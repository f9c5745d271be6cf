"""Tables as Drizzle says them, with every name as the migrations have it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.typescript.literals import raw_sql
from backend.scaffold.typescript.words import variable
from knowledge.blueprint.table import Check, Column, ColumnKind, ColumnType, ForeignKey, Index, Table

_TYPES = {
    ColumnKind.UUID: "uuid()",
    ColumnKind.TEXT: "text()",
    ColumnKind.BIGINT: "bigint()",
    ColumnKind.BOOLEAN: "boolean()",
    ColumnKind.TIMESTAMP: "moment()",
    ColumnKind.DATE: "day()",
    ColumnKind.JSON: "document()",
}


@dataclass(frozen=True)
class TableCode:
    """Pieces of a table's declaration."""

    columns: tuple[str, ...]
    extras: tuple[str, ...]
    """Keys, checks and indexes."""


def table_code(table: Table) -> TableCode:
    """The declaration of a table; ``table`` in it stands for the table itself."""
    return TableCode(
        tuple(_column(column) for column in table.columns),
        (
            _primary_key(table),
            *(_foreign_key(table, key) for key in table.foreign_keys),
            *(_check(check) for check in table.checks),
            *(_index(index) for index in table.indexes),
        ),
    )


def _column(column: Column) -> str:
    return f"{column.name}: {_type(column.type)}{'' if column.nullable else '.notNull()'}"


def _type(kind: ColumnType) -> str:
    if kind.kind is ColumnKind.STRING:
        return f"varchar({{ length: {kind.length} }})"
    if kind.kind is ColumnKind.DECIMAL:
        return f"decimal({{ precision: {kind.precision}, scale: {kind.scale} }})"
    return _TYPES[kind.kind]


def _primary_key(table: Table) -> str:
    columns = ", ".join(f"table.{name}" for name in table.primary_key)
    return f'primaryKey({{ name: "{table.primary_key_name}", columns: [{columns}] }})'


def _foreign_key(table: Table, key: ForeignKey) -> str:
    target = "table" if key.table == table.name else variable(key.table)
    on_delete = key.on_delete.value.replace("_", " ")
    return (
        f'foreignKey({{ name: "{key.name}", columns: [table.{key.column}], foreignColumns: [{target}.id] }})'
        f'.onDelete("{on_delete}")'
    )


def _check(check: Check) -> str:
    return f'check("{check.name}", {raw_sql(check.sql)})'


def _index(index: Index) -> str:
    # Drizzle puts nulls last where a column descends; PostgreSQL, like the migrations, first.
    columns = ", ".join(
        f"table.{column.name}{'.desc().nullsFirst()' if column.descending else ''}" for column in index.columns
    )
    where = f".where({raw_sql(index.where)})" if index.where else ""
    return f'{"uniqueIndex" if index.unique else "index"}("{index.name}").on({columns}){where}'
