"""The schema a blueprint's tables make, as PostgreSQL's catalogs would tell it."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge import schema_parts
from knowledge.blueprint import table as model
from knowledge.blueprint.table import ColumnKind, ColumnType, Table
from knowledge.schema import Column, Constraint, Index, Relation, Schema

_TYPES = {
    ColumnKind.UUID: "uuid",
    ColumnKind.TEXT: "text",
    ColumnKind.SMALLINT: "smallint",
    ColumnKind.INTEGER: "integer",
    ColumnKind.BIGINT: "bigint",
    ColumnKind.SERIAL: "bigint",
    ColumnKind.BOOLEAN: "boolean",
    ColumnKind.TIMESTAMP: "timestamp with time zone",
    ColumnKind.DATE: "date",
    ColumnKind.JSON: "jsonb",
    ColumnKind.BINARY: "bytea",
}


def schema_of(tables: Iterable[Table]) -> Schema:
    """Columns, constraints and indexes of the tables; conditions are spelt as the blueprint spells them."""
    return Schema(tables=tuple(relation_of(table) for table in tables))


def type_name(kind: ColumnType) -> str:
    """A type as ``format_type`` writes it."""
    if kind.kind is ColumnKind.STRING:
        return f"character varying({kind.length})"
    if kind.kind is ColumnKind.DECIMAL:
        return f"numeric({kind.precision},{kind.scale})"
    return _TYPES[kind.kind]


def relation_of(table: Table) -> Relation:
    """One table."""
    name = f"{schema_parts.PUBLIC}{table.name}"
    primary = schema_parts.primary_key(table.primary_key_name, table.primary_key)
    unique = [
        schema_parts.unique_constraint("_".join(("uq", table.name, *group)), group)
        for group in table.unique_constraints
    ]
    return Relation(
        "public",
        table.name,
        columns=tuple(_column(table, column) for column in table.columns),
        constraints=(primary, *unique, *_foreign(table), *_checks(table)),
        indexes=(
            *(schema_parts.index_behind(constraint, name) for constraint in (primary, *unique)),
            *(_index(name, index) for index in table.indexes),
        ),
    )


def _column(table: Table, column: model.Column) -> Column:
    counted = column.type.kind is ColumnKind.SERIAL
    sequence = f"{schema_parts.PUBLIC}{table.name}_{column.name}_seq" if counted else ""
    return Column(column.name, type_name(column.type), nullable=column.nullable, sequence=sequence)


def _foreign(table: Table) -> list[Constraint]:
    return [
        schema_parts.foreign_key(
            key.name,
            (key.column,),
            f"{schema_parts.PUBLIC}{key.table}",
            ("id",),
            on_delete=key.on_delete.value.replace("_", " ").upper(),
        )
        for key in table.foreign_keys
    ]


def _checks(table: Table) -> list[Constraint]:
    return [schema_parts.check_constraint(check.name, check.sql, (check.field,)) for check in table.checks]


def _index(table: str, index: model.Index) -> Index:
    keys = [(part.name, "DESC" if part.descending else "") for part in index.columns]
    return schema_parts.index(index.name, table, keys, unique=index.unique, where=index.where)
