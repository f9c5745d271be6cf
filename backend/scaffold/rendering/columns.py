"""Tables as the declarative classes say them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.rendering.literals import text_literal
from knowledge.blueprint.identifiers import MAX_BYTES
from knowledge.blueprint.model import OnDelete
from knowledge.blueprint.table import Check, Column, ColumnKind, ColumnType, ForeignKey, Index, Table

_PYTHON = {
    ColumnKind.UUID: "UUID",
    ColumnKind.STRING: "str",
    ColumnKind.BIGINT: "int",
    ColumnKind.DECIMAL: "Decimal",
    ColumnKind.BOOLEAN: "bool",
    ColumnKind.TIMESTAMP: "datetime",
    ColumnKind.DATE: "date",
    ColumnKind.JSON: "Any",
}
_ON_DELETE = {OnDelete.RESTRICT: "RESTRICT", OnDelete.CASCADE: "CASCADE", OnDelete.SET_NULL: "SET NULL"}


@dataclass(frozen=True)
class TableCode:
    """Pieces of a table's module."""

    columns: tuple[str, ...]
    checks: tuple[str, ...]
    indexes: tuple[str, ...]


def table_code(table: Table, class_name: str) -> TableCode:
    """The attributes, checks and indexes of a resource's table."""
    keys = {key.column: key for key in table.foreign_keys}
    return TableCode(
        columns=tuple(_attribute(table, column, keys.get(column.name)) for column in table.columns),
        checks=tuple(_check(table, check) for check in table.checks),
        indexes=tuple(index_code(index, class_name) for index in table.indexes),
    )


def link_columns(table: Table) -> tuple[str, ...]:
    """The columns of a table of links."""
    return tuple(f'Column("{key.column}", {foreign_key(table, key)}, primary_key=True)' for key in table.foreign_keys)


def foreign_key(table: Table, key: ForeignKey) -> str:
    """``ForeignKey(...)``; its name is left to the convention where that gives the same."""
    named = "" if key.name == f"fk_{table.name}_{key.column}" and not key.deferred else f', name="{key.name}"'
    later = ", use_alter=True" if key.deferred else ""
    return f'ForeignKey("{key.table}.id", ondelete="{_ON_DELETE[key.on_delete]}"{named}{later})'


def index_code(index: Index, holder: str) -> str:
    """``Index(...)`` as a statement after the table; ``holder`` has the columns."""
    parts = [f"{holder}.{column.name}{'.desc()' if column.descending else ''}" for column in index.columns]
    unique = ["unique=True"] if index.unique else []
    live = f"{holder}.deleted_at.is_(None)"
    partial = [f"postgresql_where={live}", f"sqlite_where={live}"] if index.where else []
    return f'Index("{index.name}", {", ".join([*parts, *unique, *partial])})'


def _attribute(table: Table, column: Column, key: ForeignKey | None) -> str:
    kind = _PYTHON[column.type.kind]
    arguments = [argument for argument in (_type(column.type), foreign_key(table, key) if key else "") if argument]
    if column.name in table.primary_key:
        arguments.append("primary_key=True")
    annotation = f"{column.name}: Mapped[{kind}{' | None' if column.nullable else ''}]"
    return f"{annotation} = mapped_column({', '.join(arguments)})" if arguments else annotation


def _type(kind: ColumnType) -> str:
    """What the annotation alone does not say."""
    sized = {
        ColumnKind.STRING: f"String({kind.length})",
        ColumnKind.BIGINT: "BigInteger",
        ColumnKind.DECIMAL: f"Exact({kind.precision}, {kind.scale})",
        ColumnKind.TIMESTAMP: "UtcDateTime",
        ColumnKind.JSON: "JSONDocument",
    }
    return sized.get(kind.kind, "")


def _check(table: Table, check: Check) -> str:
    # A colon before a word would be read as a parameter.
    sql = text_literal(check.sql.replace(":", "\\:"))
    full = f"ck_{table.name}_{check.field}"
    name = f'"{check.field}"' if check.name == full and len(full) <= MAX_BYTES else f'conv("{check.name}")'
    return f"CheckConstraint({sql}, name={name})"
