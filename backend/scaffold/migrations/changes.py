"""How the tables of two blueprints differ, and which differences no migration can make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.scaffold.errors import ScaffoldError
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column, ColumnKind, ColumnType, Table
from knowledge.blueprint.tables import tables


@dataclass(frozen=True)
class TableChange:
    """A table that both blueprints have, and that is not the same in them."""

    before: Table
    after: Table

    @property
    def name(self) -> str:
        """Of the table."""
        return self.after.name

    @property
    def added(self) -> list[Column]:
        """Columns that are new."""
        known = {column.name for column in self.before.columns}
        return [column for column in self.after.columns if column.name not in known]

    @property
    def removed(self) -> list[Column]:
        """Columns that are gone."""
        known = {column.name for column in self.after.columns}
        return [column for column in self.before.columns if column.name not in known]

    @property
    def kept(self) -> list[tuple[Column, Column]]:
        """Columns of both, as they were and as they are."""
        before = {column.name: column for column in self.before.columns}
        return [(before[column.name], column) for column in self.after.columns if column.name in before]


@dataclass(frozen=True)
class Changes:
    """Everything that differs."""

    before: Blueprint
    after: Blueprint
    added: tuple[Table, ...]
    removed: tuple[Table, ...]
    changed: tuple[TableChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


class MigrationRefusedError(ScaffoldError):
    """A change cannot be made by a migration that is safe; the text says which, and what to do instead."""


def changes(before: Blueprint, after: Blueprint) -> Changes:
    """The differences. What has another name is another thing: nothing is guessed to be renamed.

    Raises:
        MigrationRefusedError: some of them cannot be migrated.
    """
    old = {table.name: table for table in tables(before)}
    new = {table.name: table for table in tables(after)}
    found = Changes(
        before,
        after,
        tuple(table for name, table in new.items() if name not in old),
        tuple(table for name, table in old.items() if name not in new),
        tuple(TableChange(old[name], table) for name, table in new.items() if name in old and old[name] != table),
    )
    problems = [problem for change in found.changed for problem in _refused(change)]
    if problems:
        raise MigrationRefusedError("; ".join(problems))
    return found


def _refused(change: TableChange) -> Iterator[str]:
    remedy = "add it under another name, copy the values, and remove the old one in a later release"
    for before, after in change.kept:
        if before.type != after.type and conversion(before.type, after.type) is None:
            told = f"{change.name}.{after.name} cannot become {spoken(after.type)} from {spoken(before.type)}"
            yield f"{told}: {remedy}"
    old = {key.column: key.table for key in change.before.foreign_keys}
    for key in change.after.foreign_keys:
        if old.get(key.column, key.table) != key.table:
            yield f"{change.name}.{key.column} points to {old[key.column]} and cannot point to {key.table}: {remedy}"
    if change.before.primary_key != change.after.primary_key:
        yield f"the primary key of {change.name} cannot change: {remedy}"


@dataclass(frozen=True)
class Conversion:
    """How values of one type become another: expressions over ``{}``, and whether the table stays as it is."""

    postgresql: str
    sqlite: str
    in_place: bool = False


def conversion(before: ColumnType, after: ColumnType) -> Conversion | None:
    """How a column's type changes; ``None`` where values could be lost or misread.

    PostgreSQL keeps the rows as they are where a string or a decimal gets room, and nothing else.
    """
    kinds = (before.kind, after.kind)
    if kinds == (ColumnKind.STRING, ColumnKind.STRING):
        return Conversion("{}", "{}", in_place=after.length >= before.length)
    if kinds == (ColumnKind.DECIMAL, ColumnKind.DECIMAL):
        room = after.precision - after.scale >= before.precision - before.scale and after.scale >= before.scale
        same = after.scale == before.scale and after.precision >= before.precision
        return Conversion("{}", "{}", in_place=same) if room else None
    if kinds == (ColumnKind.BIGINT, ColumnKind.DECIMAL):
        return Conversion("{}", "CAST({} AS REAL)")
    if kinds == (ColumnKind.BIGINT, ColumnKind.STRING):
        return Conversion("{}::text", "CAST({} AS TEXT)")
    if kinds == (ColumnKind.DATE, ColumnKind.TIMESTAMP):
        return Conversion("{}::timestamp AT TIME ZONE 'UTC'", "{} || ' 00:00:00.000000'")
    return None


def spoken(kind: ColumnType) -> str:
    """A type in words, as in ``string(200)``."""
    sizes = [str(size) for size in (kind.length, kind.precision, kind.scale) if size]
    return f"{kind.kind}({', '.join(sizes)})" if sizes else str(kind.kind)
