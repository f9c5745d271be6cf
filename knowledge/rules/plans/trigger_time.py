"""Writes that spend their time in triggers."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Trigger
from knowledge.plan.words import counted, duration, percent, shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE
from knowledge.schema import Constraint, Relation, Schema

LEAST_MS = 10.0
"""Milliseconds in one trigger below which nothing is said."""

SLOW_CALL_MS = 0.5
"""Milliseconds a call from which a foreign key's check looks like a scan: a look-up by index takes about 0.02."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every trigger that took a notable part of the execution."""
    execution = context.plan.execution_ms
    for trigger in context.plan.triggers:
        share = min(1.0, trigger.milliseconds / execution) if execution else 0.0
        if trigger.milliseconds < LEAST_MS or share < NOTABLE:
            continue
        each = trigger.milliseconds / max(1, trigger.calls)
        owner = _owner(context.schema, trigger.constraint)
        unindexed = owner is not None and not _indexed(*owner)
        slow = bool(trigger.constraint) and each >= SLOW_CALL_MS
        what = (
            f"constraint {shortened(trigger.constraint)}"
            if trigger.constraint
            else f"trigger {shortened(trigger.name)}"
        )
        yield PlanHit(
            message=f"The {what} took {duration(trigger.milliseconds)} in {counted(trigger.calls, 'call')}: "
            f"{percent(share)} of the execution" + (f", {duration(each)} a call" if slow else ""),
            result=f"{trigger.calls} calls, {duration(trigger.milliseconds)} of {duration(execution)}",
            share=share,
            subject=trigger.constraint or trigger.name,
            severity=Severity.HIGH if slow or unindexed else None,
            fix=Fix(summary=_advice(trigger, slow, owner if unindexed else None)),
        )


def _owner(schema: Schema, constraint: str) -> tuple[Relation, Constraint] | None:
    """The table that has the foreign key of that name."""
    if not constraint:
        return None
    keys = ((table, key) for table in schema.tables for key in table.constraints_of("foreign"))
    found = [(table, key) for table, key in keys if key.name == constraint]
    return found[0] if len(found) == 1 else None


def _indexed(table: Relation, key: Constraint) -> bool:
    """Whether some whole index begins with the columns of the foreign key, in any order."""
    width = len(key.columns)
    return any(
        index.valid and not index.partial and set(index.columns[:width]) == set(key.columns) for index in table.indexes
    )


def _advice(trigger: Trigger, slow: bool, unindexed: tuple[Relation, Constraint] | None) -> str:
    if unindexed is not None:
        table, key = unindexed
        return (
            f"No index begins with {', '.join(key.columns)} of {table.qualified}, so every row removed or changed in "
            f"{key.target} reads the whole of {table.qualified}: index the foreign key"
        )
    if slow:
        return (
            "A foreign key's check that takes this long for one row reads the whole table on the other side: give the "
            "referencing columns an index"
        )
    if trigger.constraint:
        return (
            "Each row is checked singly. For a bulk load, add the constraint afterwards as NOT VALID and validate it: "
            "then all rows are checked in one query"
        )
    return "Make the trigger do less for each row, or write it FOR EACH STATEMENT with transition tables"


_TABLES = (
    "CREATE TABLE parents (id int PRIMARY KEY);\n"
    "CREATE TABLE children (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES parents);\n"
    "INSERT INTO parents SELECT i FROM generate_series(1, 300) i;\n"
    "INSERT INTO children SELECT i, 1 + i % 100 FROM generate_series(1, 20000) i;\n"
)

RULE = PlanRule(
    id="trigger-time",
    claim="A write that spends its time in triggers is made quicker there, not in its plan.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "A foreign key is checked by a trigger, once for each row. Deleting or re-keying a referenced row looks for "
        "rows that still point at it; without an index on the referencing columns that reads the whole table, for each "
        "row again. EXPLAIN ANALYZE counts triggers apart from the nodes."
    ),
    unless="The trigger's work is the purpose of the statement.",
    failing=(_TABLES + "-- setup ends\nEXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM parents WHERE id > 200;"),
    passing=(
        _TABLES + "CREATE INDEX children_parent_id_idx ON children (parent_id);\n"
        "-- setup ends\nEXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM parents WHERE id > 200;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK",
    ),
    inspect=inspect,
)
