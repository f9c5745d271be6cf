"""A change of tables on PostgreSQL in three phases, each step with its way back.

*Expand* is instant, *build* works without a strong lock, *contract* takes away what only the release before needed.
Going back is for emergencies: it is true, and as direct as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from backend.scaffold.migrations import sql
from backend.scaffold.migrations.changes import Changes, TableChange, conversion
from backend.scaffold.migrations.code import string
from backend.scaffold.migrations.values import Fill, fill_of, literal
from knowledge.blueprint.identifiers import derived_name
from knowledge.blueprint.table import Check, Column, ForeignKey, Index, Table
from knowledge.identifiers import quoted

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """Lines of Python for both ways."""

    up: tuple[str, ...]
    down: tuple[str, ...]


@dataclass
class Phases:
    """Steps by phase, in order."""

    expand: list[Step] = field(default_factory=list)
    build: list[Step] = field(default_factory=list)
    contract: list[Step] = field(default_factory=list)


def phases(changes: Changes, change: TableChange) -> Phases:
    """The steps of one changed table."""
    found = Phases()
    for column in change.added:
        _add(found, change.after, column, fill_of(changes.after, change.after, column))
    for before, after in change.kept:
        _keep(found, changes, change, before, after)
    for column in change.removed:
        _remove_first(found, change.before, column, fill_of(changes.before, change.before, column))
    _constraints(found, change)
    _indexes(found, change)
    for column in change.removed:
        found.contract.append(
            _sql(
                sql.alter(change.before, f"DROP COLUMN {quoted(column.name)}"),
                sql.add_column(change.before, column),
            )
        )
    return found


def _sql(up: str, down: str) -> Step:
    return Step((_run(up),), (_run(down),))


def _run(statement: str) -> str:
    return f"run({string(statement)})"


def _is_set(table: Table, column: Column) -> Check:
    """The condition that stands in for NOT NULL until that can be had without reading the table."""
    return Check(
        derived_name("ck", table.name, column.name, "is_set"), column.field, f"{quoted(column.name)} IS NOT NULL"
    )


def _add(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    drop = sql.alter(table, f"DROP COLUMN {quoted(column.name)}")
    if column.nullable:
        found.expand.append(_sql(sql.add_column(table, column), drop))
    elif fill is None:
        found.expand.append(_sql(sql.add_column(table, column), drop))
        _require(found, table, column, None)
    else:
        value = literal(fill.value, column.type, sqlite=False)
        found.expand.append(_sql(sql.add_column(table, column, default=value), drop))
        found.contract.append(
            _sql(
                sql.alter_column(table, column, "DROP DEFAULT"),
                sql.alter_column(table, column, f"SET DEFAULT {value}"),
            )
        )


def _require(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    """Make a column required: by a condition first, which new rows meet at once and old ones are asked for later."""
    check = _is_set(table, column)
    unasked = sql.add_constraint(table, check, old_rows=False)
    found.expand.append(_sql(unasked, sql.drop_constraint(table, check)))
    if fill is not None:
        value = literal(fill.value, column.type, sqlite=False)
        name = quoted(column.name)
        line = f"backfill({string(quoted(table.name))}, {string(f'{name} = {value}')}, {string(f'{name} IS NULL')})"
        found.build.append(Step((line,), ()))
    found.build.append(_validation(table, check))
    found.contract.append(
        Step(
            (
                _run(sql.alter_column(table, column, "SET NOT NULL")),
                _run(sql.drop_constraint(table, check)),
            ),
            (
                _run(sql.add_constraint(table, check)),
                _run(sql.alter_column(table, column, "DROP NOT NULL")),
            ),
        )
    )


def _validation(table: Table, item: Check | ForeignKey) -> Step:
    again = (
        _run(sql.drop_constraint(table, item)),
        _run(sql.add_constraint(table, item, old_rows=False)),
    )
    return Step((_run(sql.validate(table, item)),), again)


def _release(table: Table, column: Column, fill: Fill | None) -> Step:
    """Let a column be empty. On the way back rows that have no value get one, where there can be one."""
    name = quoted(column.name)
    back: list[str] = []
    if fill is not None:
        value = literal(fill.value, column.type, sqlite=False)
        back.append(_run(f"UPDATE {quoted(table.name)} SET {name} = {value} WHERE {name} IS NULL"))
    back.append(_run(sql.alter_column(table, column, "SET NOT NULL")))
    return Step((_run(sql.alter_column(table, column, "DROP NOT NULL")),), tuple(back))


def _keep(found: Phases, changes: Changes, change: TableChange, before: Column, after: Column) -> None:
    table = change.after
    if before.type != after.type:
        way = conversion(before.type, after.type)
        assert way is not None  # others were refused
        if way.in_place:
            found.expand.append(
                _sql(
                    sql.alter_column(table, after, f"TYPE {sql.type_sql(after.type)}"),
                    sql.alter_column(table, after, f"TYPE {sql.type_sql(before.type)}"),
                )
            )
    if before.nullable and not after.nullable:
        _require(found, table, after, fill_of(changes.after, table, after))
    elif after.nullable and not before.nullable:
        found.expand.append(_release(change.before, before, fill_of(changes.before, change.before, before)))


def _remove_first(found: Phases, table: Table, column: Column, fill: Fill | None) -> None:
    """Both releases write rows until the contraction: the new one leaves the column out."""
    if not column.nullable:
        found.expand.append(_release(table, column, fill))


def _constraints(found: Phases, change: TableChange) -> None:
    gone = {column.name for column in change.removed}
    for old, new in _pairs(_all_constraints(change.before), _all_constraints(change.after)):
        if old == new:
            continue
        if old is not None and new is None and _column_of(change.before, old) in gone:
            found.contract.append(_sql(sql.drop_constraint(change.before, old), sql.add_constraint(change.before, old)))
            continue
        up: list[str] = []
        down: list[str] = []
        if old is not None:
            up.append(_run(sql.drop_constraint(change.before, old)))
            down.insert(0, _run(sql.add_constraint(change.before, old)))
        if new is not None:
            up.append(_run(sql.add_constraint(change.after, new, old_rows=False)))
            down.insert(0, _run(sql.drop_constraint(change.after, new)))
            found.build.append(_validation(change.after, new))
        found.expand.append(Step(tuple(up), tuple(down)))


def _all_constraints(table: Table) -> dict[str, Check | ForeignKey]:
    keys = {key.name: replace(key, deferred=False) for key in table.foreign_keys}
    return {check.name: check for check in table.checks} | keys


def _column_of(table: Table, item: Check | ForeignKey) -> str:
    if isinstance(item, ForeignKey):
        return item.column
    return next(column.name for column in table.columns if column.field == item.field)


def _indexes(found: Phases, change: TableChange) -> None:
    old, new = ({index.name: index for index in table.indexes} for table in (change.before, change.after))
    for before, after in _pairs(old, new):
        if before == after:
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
