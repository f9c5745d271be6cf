"""Generated keys that run out of numbers."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Column, Schema

LIMITS = {"smallint": 32_767, "integer": 2_147_483_647}


def inspect(schema: Schema) -> Iterator[Hit]:
    """Single-column primary keys of type smallint or integer that a sequence fills."""
    for table in schema.tables:
        if table.partition_of or len(table.primary_key) != 1:
            continue
        column = table.column(table.primary_key[0])
        if column is not None and column.type in LIMITS and _generated(column):
            yield Hit(
                subject=f"{table.qualified}.{column.name}",
                message=(
                    f"{table.qualified}.{column.name} is {column.type}: inserts fail after "
                    f"{LIMITS[column.type]:,} numbers, and failed inserts use numbers up too"
                ),
                detail=(table.qualified, column.name, column.sequence),
            )


def _generated(column: Column) -> bool:
    return bool(column.identity or column.sequence or column.default.startswith("nextval("))


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Widen the key, the sequence behind it and every column that references it."""
    table = schema.by_name[hit.detail[0]]
    name = hit.detail[1]
    column = table.column(name)
    if column is None:
        return None
    steps = [Step(sql=f"ALTER TABLE {qualified(table.schema, table.name)} ALTER COLUMN {quoted(name)} TYPE bigint;")]
    if column.sequence and not column.identity:
        schema_name, _, sequence = column.sequence.rpartition(".")
        steps.append(Step(sql=f"ALTER SEQUENCE {qualified(schema_name, sequence)} AS bigint;"))
    for other in schema.tables:
        for key in other.constraints_of("foreign"):
            if key.target == table.qualified and key.target_columns == (name,):
                own = other.column(key.columns[0])
                if own is not None and own.type in LIMITS:
                    steps.append(
                        Step(
                            sql=(
                                f"ALTER TABLE {qualified(other.schema, other.name)} "
                                f"ALTER COLUMN {quoted(own.name)} TYPE bigint;"
                            )
                        )
                    )
    return Fix(
        summary="Use bigint from the start; on a filled table this rewrites it under ACCESS EXCLUSIVE",
        steps=steps,
    )


RULE = SchemaRule(
    id="integer-key-overflow",
    claim="A generated integer or smallint key stops all inserts once its numbers run out.",
    family="schema",
    severity=Severity.LOW,
    why=(
        "integer ends at 2,147,483,647 and smallint at 32,767; rolled back and conflicting "
        "inserts use numbers "
        "too. Reaching the end stops every insert, and widening then rewrites the table and its "
        "indexes while "
        "nobody can read it. bigint costs four bytes a row."
    ),
    unless="The table can only ever hold a bounded number of rows, such as a list of countries.",
    failing="CREATE TABLE events (id serial PRIMARY KEY, name text NOT NULL);",
    passing=(
        "CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);\n"
        "CREATE TABLE countries (id smallint PRIMARY KEY, name text NOT NULL);"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/datatype-numeric.html",
        "https://www.postgresql.org/docs/current/sql-createsequence.html",
    ),
    fix_safety="review",
    inspect=inspect,
    remedy=remedy,
)
