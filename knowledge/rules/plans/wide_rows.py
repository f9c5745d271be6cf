"""Wide rows carried through a sort or a hash."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import counted, percent, size, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import weighs

WIDE = 256
"""Bytes a row, as the planner estimates them, from which a row is wide."""

LEAST_BYTES = 4 * 1024 * 1024
"""Bytes carried from which width matters: the default of work_mem."""

_CARRIERS = {"Sort": "sorted", "Incremental Sort": "sorted", "Hash": "put into a hash table"}


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every sort or hash over many wide rows."""
    for node in context.plan.nodes:
        if node.kind not in _CARRIERS or node.never_executed:
            continue
        width = node.number_of("Plan Width")
        incoming = node.children[0] if node.children else node
        rows = incoming.all_rows if node.is_measured else incoming.estimated_rows
        carried = rows * width
        if width < WIDE or carried < LEAST_BYTES or not weighs(context, node):
            continue
        columns = len(node.texts("Output"))
        of = f" of {counted(columns, 'column')}" if columns else ""
        share = context.of(node).share
        yield PlanHit(
            message=f"{counted(rows, 'row')}{of}, about {width:,.0f} bytes each, are {_CARRIERS[node.kind]}: "
            f"{size(carried)} are carried, {percent(share)} of the {unit(context.plan)}",
            result=f"Plan Width {width:,.0f}, {rows:,.0f} rows into {node.kind}",
            share=share,
            node=node.number,
            subject=node.text("Sort Key"),
            fix=Fix(
                summary="Name the columns that are used instead of SELECT *; if wide ones are needed, sort or join "
                "keys first and fetch the wide columns for the rows that remain"
            ),
        )


_TABLE = (
    "CREATE TABLE pages (id int PRIMARY KEY, rank int, body text);\n"
    "INSERT INTO pages SELECT i, (i * 7919) % 10007, repeat('word ', 150) FROM generate_series(1, 15000) i;\n"
    "ANALYZE pages;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="wide-rows",
    claim="Columns nobody reads make sorts and hashes spill that would fit into memory without them.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "A sort or a hash table keeps every column that is still wanted above it. SELECT * over a text column "
        "multiplies the memory, and above work_mem the rows go to disk and back."
    ),
    unless="The caller uses all of the columns of all of the rows.",
    failing=_TABLE + "EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) SELECT * FROM pages ORDER BY rank;",
    passing=_TABLE + "EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) SELECT id, rank FROM pages ORDER BY rank;",
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-resource.html",
        "https://www.postgresql.org/docs/current/using-explain.html",
    ),
    inspect=inspect,
)
