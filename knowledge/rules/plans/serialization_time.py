"""Results that take long to be turned into what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.plan.words import duration, percent, size
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

LEAST_SHARE = 0.25
"""Share of the execution from which serialising is worth a word."""

LEAST_MS = 3.0
"""Milliseconds below which it is not."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """A query that spends over a quarter of its execution on making its output."""
    said = context.plan.properties.get("Serialization")
    if not isinstance(said, Mapping):
        return
    spent, volume = said.get("Time"), said.get("Output Volume", 0)
    execution = context.plan.execution_ms
    if not isinstance(spent, int | float) or not isinstance(volume, int | float) or not execution:
        return
    share = min(1.0, spent / execution)
    if spent < LEAST_MS or share < LEAST_SHARE:
        return
    yield PlanHit(
        message=f"Turning the result into {size(volume * 1024)} of {said.get('Format', 'text')} took "
        f"{duration(spent)}, {percent(share)} of the execution; sending it comes on top",
        result=f"Serialization {duration(spent)} of {duration(execution)}, output {volume:,.0f} kB",
        share=share,
        subject="result",
        fix=Fix(
            summary="Return fewer rows and columns: large values are read from TOAST and decompressed only now. A "
            "driver that asks for binary format spares the conversion to text"
        ),
    )


_TABLE = (
    "CREATE TABLE stamps (id int, at timestamptz, price numeric);\n"
    "INSERT INTO stamps SELECT i, now() + i * interval '1 minute', i / 7.0 FROM generate_series(1, 60000) i;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="serialization-time",
    claim="The time to turn a large result into text is part of the query and in no node of its plan.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "EXPLAIN ANALYZE throws rows away before they are converted and large values before they are read, so that a "
        "query may look quick there and be slow for its client. EXPLAIN (ANALYZE, SERIALIZE) of 17 measures it."
    ),
    unless="The caller needs all of it.",
    failing=_TABLE + "EXPLAIN (ANALYZE, SERIALIZE TEXT, FORMAT JSON) SELECT * FROM stamps;",
    passing=_TABLE + "EXPLAIN (ANALYZE, SERIALIZE TEXT, FORMAT JSON) SELECT * FROM stamps ORDER BY price LIMIT 20;",
    sources=("https://www.postgresql.org/docs/current/sql-explain.html",),
    inspect=inspect,
)
