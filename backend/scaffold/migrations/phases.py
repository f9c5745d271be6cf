"""A changed table on PostgreSQL: its steps in three phases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from backend.scaffold.migrations import sql
from backend.scaffold.migrations.changes import Changes, TableChange
from backend.scaffold.migrations.code import string
from backend.scaffold.migrations.step import Phases, Step, is_set, run, statement, validation
from backend.scaffold.migrations.switch import switch, switched
from backend.scaffold.migrations.values import Fill, fill_of, literal
from knowledge.blueprint.table import Check, Column, ForeignKey, Index, Table
from knowledge.identifiers import quoted

T = TypeVar("T")


def phases(changes: Changes, change: TableChange) -> Phases:
    """The steps of one changed table."""
    found = Phases()
    _old_constraints(found, change)
    for column in change.added:
        _add(found, change.after, column, fill_of(changes.after, change.after, column))
    for before, after in change.kept:
        _keep(found, changes, change, before, after)
    for column in change.removed:
        _remove_first(found, change.before, column, fill_of(changes.before, change.before, column))
    _new_constraints(found, change)
    _indexes(found, change)
    for column in change.removed:
        found.contract.append(
            statement(
                sql.alter(change.before, f"DROP COLUMN {quoted(column.name)}"),
                sql.add_column(change.before, column),
            )
        )
    return found


def _add(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    drop = sql.alter(table, f"DROP COLUMN {quoted(column.name)}")
    if column.nullable:
        found.expand.append(statement(sql.add_column(table, column), drop))
    elif fill is None:
        found.expand.append(statement(sql.add_column(table, column), drop))
        _require(found, table, column, None)
    else:
        value = literal(fill.value, column.type, sqlite=False)
        found.expand.append(statement(sql.add_column(table, column, default=value), drop))
        found.contract.append(
            statement(
                sql.alter_column(table, column, "DROP DEFAULT"),
                sql.alter_column(table, column, f"SET DEFAULT {value}"),
            )
        )


def _require(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    """Make a column required: by a condition first, which new rows meet at once and old ones are asked for later."""
    check = is_set(table, column)
    unasked = sql.add_constraint(table, check, old_rows=False)
    found.expand.append(statement(unasked, sql.drop_constraint(table, check)))
    if fill is not None:
        value = literal(fill.value, column.type, sqlite=False)
        name = quoted(column.name)
        line = f"backfill({string(quoted(table.name))}, {string(f'{name} = {value}')}, {string(f'{name} IS NULL')})"
        found.build.append(Step((line,), ()))
    found.build.append(validation(table, check))
    found.contract.append(
        Step(
            (
                run(sql.alter_column(table, column, "SET NOT NULL")),
                run(sql.drop_constraint(table, check)),
            ),
            (
                run(sql.add_constraint(table, check)),
                run(sql.alter_column(table, column, "DROP NOT NULL")),
            ),
        )
    )


def _release(table: Table, column: Column, fill: Fill | None) -> Step:
    """Let a column be empty. On the way back rows that have no value get one, where there can be one."""
    name = quoted(column.name)
    back: list[str] = []
    if fill is not None:
        value = literal(fill.value, column.type, sqlite=False)
        back.append(run(f"UPDATE {quoted(table.name)} SET {name} = {value} WHERE {name} IS NULL"))
    back.append(run(sql.alter_column(table, column, "SET NOT NULL")))
    return Step((run(sql.alter_column(table, column, "DROP NOT NULL")),), tuple(back))


def _keep(found: Phases, changes: Changes, change: TableChange, before: Column, after: Column) -> None:
    table = change.after
    fill = fill_of(changes.after, table, after)
    fill_back = fill_of(changes.before, change.before, before)
    if after.name in switched(change):
        switch(found, changes, change, before, after)
    elif before.type != after.type:
        found.expand.append(
            statement(
                sql.alter_column(table, after, f"TYPE {sql.type_sql(after.type)}"),
                sql.alter_column(table, after, f"TYPE {sql.type_sql(before.type)}"),
            )
        )
    if after.nullable and not before.nullable:
        found.expand.append(_release(change.before, before, fill_back))
    elif before.nullable and not after.nullable and after.name not in switched(change):
        _require(found, table, after, fill)


def _remove_first(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    """Both releases write rows until the contraction: the new one leaves the column out."""
    if not column.nullable:
        found.expand.append(_release(table, column, fill))


def _old_constraints(found: Phases, change: TableChange) -> None:
    """Drop those that are gone or different, before columns change; with a column that goes, when it goes."""
    gone = {column.name for column in change.removed}
    for old, new in _different(change):
        if old is not None:
            phase = found.contract if new is None and _column_of(change, old) in gone else found.expand
            phase.append(statement(sql.drop_constraint(change.before, old), sql.add_constraint(change.before, old)))


def _new_constraints(found: Phases, change: TableChange) -> None:
    for _, new in _different(change):
        if new is not None:
            add = sql.add_constraint(change.after, new, old_rows=False)
            found.expand.append(statement(add, sql.drop_constraint(change.after, new)))
            found.build.append(validation(change.after, new))


def _different(change: TableChange) -> Iterator[tuple[Check | ForeignKey | None, Check | ForeignKey | None]]:
    moved = switched(change)
    for old, new in _pairs(_all_constraints(change.before), _all_constraints(change.after)):
        if old != new and not any(item is not None and _column_of(change, item) in moved for item in (old, new)):
            yield old, new


def _all_constraints(table: Table) -> dict[str, Check | ForeignKey]:
    keys = {key.name: replace(key, deferred=False) for key in table.foreign_keys}
    return {check.name: check for check in table.checks} | keys


def _column_of(change: TableChange, item: Check | ForeignKey) -> str:
    if isinstance(item, ForeignKey):
        return item.column
    columns = (*change.before.columns, *change.after.columns)
    return next(column.name for column in columns if column.field == item.field)


def _indexes(found: Phases, change: TableChange) -> None:
    old, new = ({index.name: index for index in table.indexes} for table in (change.before, change.after))
    moved = switched(change)
    for before, after in _pairs(old, new):
        parts = {part.name for index in (before, after) if index is not None for part in index.columns}
        if before == after or parts & moved:
            continue
        if before is None and after is not None:
            found.build.append(Step((_build(change.after, after),), (_drop(after),)))
        elif after is None and before is not None:
            found.build.append(Step((_drop(before),), (_build(change.before, before),)))
        elif before is not None and after is not None:
            found.build.append(
                Step(
                    (_build(change.after, after, "replace_index"),),
                    (_build(change.before, before, "replace_index"),),
                )
            )


def _build(table: Table, index: Index, how: str = "build_index") -> str:
    unique = ", unique=True" if index.unique else ""
    return f"{how}({string(index.name)}, {string(sql.index_sql(table, index))}{unique})"


def _drop(index: Index) -> str:
    return f"drop_index({string(index.name)})"


def _pairs(old: dict[str, T], new: dict[str, T]) -> Iterator[tuple[T | None, T | None]]:
    for name in dict.fromkeys((*old, *new)):
        yield old.get(name), new.get(name)
