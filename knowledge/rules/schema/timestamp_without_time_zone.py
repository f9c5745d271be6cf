"""Moments stored without the zone they were measured in."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every column of type ``timestamp without time zone``, arrays included."""
    for table in schema.tables:
        if table.partition_of:
            continue
        for column in table.columns:
            if column.type.startswith("timestamp") and "without time zone" in column.type:
                yield Hit(
                    subject=f"{table.qualified}.{column.name}",
                    message=(
                        f"{table.qualified}.{column.name} is {column.type}: what moment it means depends on "
                        "the session that reads it"
                    ),
                    detail=(table.qualified, column.name, column.type),
                )


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Convert in place, reading the stored values as UTC."""
    table = schema.by_name[hit.detail[0]]
    name, old = quoted(hit.detail[1]), hit.detail[2]
    if old.endswith("[]") or (table.partitioned and hit.detail[1] in table.primary_key):
        return None
    new = old.replace("without", "with")
    return Fix(
        summary=(
            "Store timestamptz; the stored values are read as UTC here, so name the zone they "
            "were written in. "
            "On a filled table this rewrites it under ACCESS EXCLUSIVE"
        ),
        steps=[
            Step(
                sql=(
                    f"ALTER TABLE {qualified(table.schema, table.name)} ALTER COLUMN {name} "
                    f"TYPE {new} USING {name} AT TIME ZONE 'UTC';"
                )
            )
        ],
    )


RULE = SchemaRule(
    id="timestamp-without-time-zone",
    claim="A timestamp without time zone does not say which moment it means.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "PostgreSQL drops the zone of the input and never converts: clients in two zones, or "
        "one server after "
        "its TimeZone setting changed, read different moments from the same row, and `now()` is cut to local "
        "time. timestamptz takes the same eight bytes."
    ),
    unless="It is a wall-clock time on purpose, such as a shop's opening hour wherever the shop is.",
    failing="CREATE TABLE posts (id bigint PRIMARY KEY, created_at timestamp NOT NULL DEFAULT now());",
    passing="CREATE TABLE posts (id bigint PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());",
    sources=(
        "https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-TIMEZONES",
        "https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29",
    ),
    fix_safety="review",
    inspect=inspect,
    remedy=remedy,
)
