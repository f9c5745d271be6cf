"""What a change does, in words: for the head of a revision and for whoever decides about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.scaffold.migrations.changes import Changes, TableChange, spoken
from backend.scaffold.migrations.switch import switched
from backend.scaffold.migrations.values import fill_of

MAX_SLUG = 40


def summary(changes: Changes) -> list[str]:
    """One line a change."""
    return [
        *(f"make the table {table.name}" for table in changes.added),
        *(line for change in changes.changed for line in _table(change)),
        *(f"drop the table {table.name}" for table in changes.removed),
    ]


def _table(change: TableChange) -> Iterator[str]:
    name = change.name
    for column in change.added:
        yield f"add {name}.{column.name}"
    for column in change.removed:
        yield f"drop {name}.{column.name}"
    for before, after in change.kept:
        if before.type != after.type:
            yield f"{name}.{after.name}: {spoken(before.type)} becomes {spoken(after.type)}"
        if before.nullable != after.nullable:
            yield f"{name}.{after.name} {'may be empty' if after.nullable else 'is required'}"
    gone = {column.name for column in change.removed}
    old_checks, new_checks = (
        {check.name: check.sql for check in table.checks} for table in (change.before, change.after)
    )
    columns = {column.field: column.name for table in (change.before, change.after) for column in table.columns}
    fields = {check.name: check.field for table in (change.before, change.after) for check in table.checks}
    fresh = {column.name for column in change.added}
    for check in dict.fromkeys((*old_checks, *new_checks)):
        if columns.get(fields[check]) not in gone | fresh and old_checks.get(check) != new_checks.get(check):
            yield f"{name}.{fields[check]} allows {new_checks.get(check, 'any value')}"
    old_keys = {key.column: key for key in change.before.foreign_keys}
    for key in change.after.foreign_keys:
        if key.column in old_keys and old_keys[key.column].on_delete != key.on_delete:
            yield f"{name}.{key.column}: on delete {key.on_delete.value.replace('_', ' ')}"
    old, new = ({index.name: index for index in table.indexes} for table in (change.before, change.after))
    for index in dict.fromkeys((*old, *new)):
        if old.get(index) != new.get(index):
            yield f"{'drop' if index not in new else 'build' if index not in old else 'rebuild'} index {index}"


def cautions(changes: Changes) -> list[str]:
    """What happens to rows, where the blueprint alone does not say it."""
    return [
        *(line for change in changes.changed for line in _rows(changes, change)),
        *(
            f"the rows of {table.name} are lost; what has another name is another table, not a renamed one"
            for table in changes.removed
        ),
    ]


def _rows(changes: Changes, change: TableChange) -> Iterator[str]:
    required = [column for column in change.added if not column.nullable]
    required += [after for before, after in change.kept if before.nullable and not after.nullable]
    for column in required:
        fill = fill_of(changes.after, change.after, column)
        if fill is None:
            yield (
                f"{change.name}.{column.name} has no value that rows without one could get: "
                "it can be required only of an empty table, or after they were given one"
            )
        elif not fill.chosen:
            yield (
                f"rows of {change.name} without {column.name} get {fill.value!r}: "
                "the blueprint names no default; write one, or edit the revision"
            )
    for name in sorted(switched(change)):
        yield f"{change.name}.{name} changes its type when the last revision runs: start the new release with it"
    for column in change.removed:
        yield f"the values of {change.name}.{column.name} are lost; what has another name is another column"
    if _stricter(change):
        yield f"rows of {change.name} that break a new condition or repeat a unique value stop it: change them first"


def _stricter(change: TableChange) -> bool:
    checks = {check.name: check.sql for check in change.before.checks}
    unique = {index for index in change.before.indexes if index.unique}
    fresh = {column.field for column in change.added}
    narrower = any(checks.get(check.name) != check.sql and check.field not in fresh for check in change.after.checks)
    return narrower or any(index.unique and index not in unique for index in change.after.indexes)


def slug(lines: list[str]) -> str:
    """A name for a file, from the first line of a summary."""
    words = re.sub(r"[^a-z0-9]+", "_", lines[0].lower().replace("the table ", "")).strip("_")
    return words[:MAX_SLUG].rstrip("_") if len(lines) == 1 else f"{words[: MAX_SLUG - 9].rstrip('_')}_and_more"
