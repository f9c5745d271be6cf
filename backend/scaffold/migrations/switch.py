"""A column whose type PostgreSQL could only change by writing the whole table anew, under a lock.

A second column of the new type is kept equal by a trigger, filled in batches, given its conditions and indexes, and
takes the place and the name of the first in one instant.
"""

from __future__ import annotations

from dataclasses import replace

from backend.scaffold.migrations import sql
from backend.scaffold.migrations.changes import Changes, TableChange, conversion
from backend.scaffold.migrations.code import string
from backend.scaffold.migrations.step import Phases, Step, is_set, run, statement, validation
from backend.scaffold.migrations.values import Fill, fill_of, literal
from knowledge.blueprint.identifiers import MAX_BYTES, derived_name
from knowledge.blueprint.table import Column, ColumnKind, Index
from knowledge.blueprint.tables import condition
from knowledge.identifiers import quoted

_SUFFIX = "_new"
_BACK = {
    (ColumnKind.DECIMAL, ColumnKind.BIGINT): "{}::bigint",
    (ColumnKind.STRING, ColumnKind.BIGINT): "{}::bigint",
    (ColumnKind.TIMESTAMP, ColumnKind.DATE): "({} AT TIME ZONE 'UTC')::date",
}


def switched(change: TableChange) -> set[str]:
    """Columns of a changed table that are switched."""
    return {
        after.name
        for before, after in change.kept
        if (way := conversion(before.type, after.type)) is not None and before.type != after.type and not way.in_place
    }


def switch(found: Phases, changes: Changes, change: TableChange, before: Column, after: Column) -> None:
    """Add the steps of one column."""
    table, old = change.after, quoted(before.name)
    fill = fill_of(changes.after, table, after)
    fill_back = fill_of(changes.before, change.before, before)
    way = conversion(before.type, after.type)
    assert way is not None
    twin = replace(after, name=temporary(after.name))
    new = quoted(twin.name)
    value = _filled(way.postgresql, fill if before.nullable and not after.nullable else None, after)
    back = _BACK.get((after.type.kind, before.type.kind), "{}")
    back = _filled(back, fill_back if after.nullable and not before.nullable else None, before)
    name = derived_name("keep", table.name, before.name)
    keep = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN NEW.{new} := {value.format(f'NEW.{old}')}; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {quoted(table.name)} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    unkeep = [f"DROP TRIGGER {name} ON {quoted(table.name)}", f"DROP FUNCTION {name}()"]

    found.expand.append(statement(sql.add_column(table, twin), sql.alter(table, f"DROP COLUMN {new}")))
    found.expand.append(Step(_runs(*keep), _runs(*unkeep)))
    stale = f"{new} IS DISTINCT FROM {value.format(old)}"
    filling = f"backfill({string(quoted(table.name))}, {string(f'{new} = {value.format(old)}')}, {string(stale)})"
    found.build.append(Step((filling,), ()))

    settle: list[str] = [sql.alter(table, f"DROP COLUMN {old}"), sql.alter(table, f"RENAME COLUMN {new} TO {old}")]
    unsettle: list[str] = [
        sql.alter(table, f"RENAME COLUMN {old} TO {new}"),
        sql.add_column(table, before),
        f"UPDATE {quoted(table.name)} SET {old} = {back.format(new)}",
    ]
    if not before.nullable:
        unsettle.append(sql.alter_column(table, before, "SET NOT NULL"))
    first: list[str] = []

    if not after.nullable:
        check = is_set(table, twin)
        found.expand.append(
            statement(sql.add_constraint(table, check, old_rows=False), sql.drop_constraint(table, check))
        )
        found.build.append(validation(table, check))
        settle += [sql.alter_column(table, after, "SET NOT NULL"), sql.drop_constraint(table, check)]
        named = replace(check, sql=f"{old} IS NOT NULL")  # under the name it has before the way back renames it
        first += [sql.add_constraint(table, named), sql.alter_column(table, after, "DROP NOT NULL")]
    for check in (check for check in table.checks if check.field == after.field):
        spec = changes.after.resources[table.resource].fields[check.field]
        own = replace(check, name=temporary(check.name), sql=condition(twin.name, spec))
        found.expand.append(statement(sql.add_constraint(table, own, old_rows=False), sql.drop_constraint(table, own)))
        found.build.append(validation(table, own))
        settle.append(sql.alter(table, f"RENAME CONSTRAINT {own.name} TO {check.name}"))
        first.insert(0, sql.alter(table, f"RENAME CONSTRAINT {check.name} TO {own.name}"))
    for check in (check for check in change.before.checks if check.field == before.field):
        unsettle.append(sql.add_constraint(change.before, check))
    for index in (index for index in table.indexes if _has(index, after.name)):
        own_index = replace(
            index,
            name=temporary(index.name),
            columns=tuple(replace(part, name=twin.name) if part.name == after.name else part for part in index.columns),
        )
        unique = ", unique=True" if index.unique else ""
        definition = string(sql.index_sql(table, own_index))
        found.build.append(
            Step(
                (f"build_index({string(own_index.name)}, {definition}{unique})",),
                (f"drop_index({string(own_index.name)})",),
            )
        )
        settle.append(f"ALTER INDEX {own_index.name} RENAME TO {index.name}")
        first.insert(0, f"ALTER INDEX {index.name} RENAME TO {own_index.name}")
    for index in (index for index in change.before.indexes if _has(index, before.name)):
        unique = "UNIQUE " if index.unique else ""
        unsettle.append(f"CREATE {unique}INDEX {index.name} ON {sql.index_sql(change.before, index)}")
    found.contract.append(Step(_runs(*unkeep, *settle), _runs(*first, *unsettle, *keep)))


def temporary(name: str) -> str:
    """The name of what will take the place of ``name``."""
    return f"{name[: MAX_BYTES - len(_SUFFIX)]}{_SUFFIX}"


def _has(index: Index, column: str) -> bool:
    return any(part.name == column for part in index.columns)


def _filled(expression: str, fill: Fill | None, column: Column) -> str:
    if fill is None:
        return expression
    return f"coalesce({expression}, {literal(fill.value, column.type, sqlite=False)})"


def _runs(*statements: str) -> tuple[str, ...]:
    return tuple(map(run, statements))
