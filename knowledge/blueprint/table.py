"""Tables as plain data, named apart from any engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.blueprint.identifiers import derived_name
from knowledge.blueprint.model import OnDelete, Resource

LIVE = "deleted_at IS NULL"
"""Rows that are not marked as deleted."""


class ColumnKind(StrEnum):
    """Types, named apart from any engine."""

    UUID = "uuid"
    STRING = "string"
    """Of at most ``length`` characters."""
    TEXT = "text"
    SMALLINT = "smallint"
    INTEGER = "integer"
    BIGINT = "bigint"
    SERIAL = "serial"
    """``bigint`` that the database counts up."""
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    """A moment, with time zone."""
    DATE = "date"
    JSON = "json"
    BINARY = "binary"


@dataclass(frozen=True)
class ColumnType:
    """A type with its sizes; 0 where it has none."""

    kind: ColumnKind
    length: int = 0
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Column:
    """One column. ``field`` is the blueprint's name for it (a field or relation), empty for those kept by us."""

    name: str
    type: ColumnType
    nullable: bool = False
    field: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """``column`` points to the ``id`` of ``table``."""

    name: str
    column: str
    table: str
    on_delete: OnDelete
    deferred: bool = False
    """The table it points to is made later: part of a cycle, so it is added to the table afterwards."""


@dataclass(frozen=True)
class Check:
    """A condition every row meets. ``name`` is ``ck_<table>_<field>``."""

    name: str
    field: str
    sql: str


@dataclass(frozen=True)
class IndexColumn:
    """One key part of an index."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Index:
    """An index; ``where`` is the predicate of a partial one."""

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool = False
    where: str = ""


@dataclass(frozen=True)
class Table:
    """A table. ``resource`` is the resource whose rows it holds, empty for links and for the platform's own."""

    name: str
    resource: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ("id",)
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    unique_constraints: tuple[tuple[str, ...], ...] = ()
    """Only of the platform's tables: those of resources have unique indexes instead."""

    @property
    def primary_key_name(self) -> str:
        """Name of the primary key's constraint."""
        return derived_name("pk", self.name)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        return {column.name: column for column in self.columns}[name]


UUID = ColumnType(ColumnKind.UUID)
TIMESTAMP = ColumnType(ColumnKind.TIMESTAMP)
BIGINT = ColumnType(ColumnKind.BIGINT)


def foreign_column(relation: str) -> str:
    """The column of a ``belongs_to`` relation."""
    return f"{relation}_id"


def column_of(resource: Resource, name: str) -> str:
    """The column of a field or relation."""
    return foreign_column(name) if name in resource.belongs_to else name
