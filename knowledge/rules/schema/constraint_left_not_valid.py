"""Constraints that were added NOT VALID and never validated."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every enforced constraint whose existing rows were never checked."""
    for table in schema.tables:
        for constraint in table.constraints:
            if constraint.validated or "NOT ENFORCED" in constraint.definition:
                continue
            yield Hit(
                subject=f"{table.qualified}.{constraint.name}",
                message=(
                    f"{constraint.name} on {table.qualified} is still NOT VALID: new rows are "
                    "checked, the old "
                    "ones never were"
                ),
                detail=(table.qualified, constraint.name),
            )


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Validate it, which lets readers and writers pass."""
    table = schema.by_name[hit.detail[0]]
    name = qualified(table.schema, table.name)
    return Fix(
        summary="Validate it in a transaction of its own; rows that break it must be put right first",
        steps=[Step(sql=f"ALTER TABLE {name} VALIDATE CONSTRAINT {quoted(hit.detail[1])};")],
    )


RULE = SchemaRule(
    id="constraint-left-not-valid",
    claim="A constraint left NOT VALID says nothing about the rows that were there before it.",
    family="schema",
    severity=Severity.LOW,
    why=(
        "NOT VALID is the first half of a safe migration. Without the second half old rows may "
        "break the rule, "
        "the planner does not rely on it, and a dump fails to restore where they do."
    ),
    unless="A later migration validates it.",
    failing=(
        "CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric NOT NULL);\n"
        "ALTER TABLE orders ADD CONSTRAINT orders_amount_check CHECK (amount >= 0) NOT VALID;"
    ),
    passing=(
        "CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric NOT NULL);\n"
        "ALTER TABLE orders ADD CONSTRAINT orders_amount_check CHECK (amount >= 0) NOT VALID;\n"
        "ALTER TABLE orders VALIDATE CONSTRAINT orders_amount_check;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="safe",
    inspect=inspect,
    remedy=remedy,
)
