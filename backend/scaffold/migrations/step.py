"""Steps of a migration on PostgreSQL, each with its way back, in three phases.

*Expand* is instant, *build* works without a strong lock, *contract* takes away what only the release before needed.
Going back is for emergencies: it is true, and as direct as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.scaffold.migrations import sql
from backend.scaffold.migrations.code import string
from knowledge.blueprint.identifiers import derived_name
from knowledge.blueprint.table import Check, Column, ForeignKey, Table
from knowledge.identifiers import quoted


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


def run(text: str) -> str:
    """A line that runs one statement."""
    return f"run({string(text)})"


def statement(up: str, down: str) -> Step:
    """A step of one statement each way."""
    return Step((run(up),), (run(down),))


def validation(table: Table, item: Check | ForeignKey) -> Step:
    """Ask the rows that were there; the way back forgets that they were asked."""
    again = (run(sql.drop_constraint(table, item)), run(sql.add_constraint(table, item, old_rows=False)))
    return Step((run(sql.validate(table, item)),), again)


def is_set(table: Table, column: Column) -> Check:
    """The condition that stands in for NOT NULL until that can be had without reading the table."""
    name = derived_name("ck", table.name, column.name, "is_set")
    return Check(name, column.field, f"{quoted(column.name)} IS NOT NULL")
