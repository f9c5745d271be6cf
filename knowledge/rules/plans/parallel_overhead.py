"""Parallel steps that take longer than one process would have."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import counted, duration, percent
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE

LEAST_MS = 1.0
"""Milliseconds lost below which nothing is said: less than starting a worker takes."""

FACTOR = 1.2
"""Times the work of all processes together from which the parallel step has lost."""

_PRICES = ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size", "debug_parallel_query")


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every Gather that took longer by the clock than all its processes worked, added up."""
    total = context.of(context.plan.root).inclusive_ms
    for node in context.plan.nodes:
        workers = node.number_of("Workers Launched")
        if not workers or not node.is_timed or not node.children or not total:
            continue
        clock = node.number_of("Actual Total Time") * node.loops
        work = sum(child.number_of("Actual Total Time") * child.loops for child in node.children)
        share = min(1.0, (clock - work) / total)
        if clock < FACTOR * work or clock - work < LEAST_MS or share < NOTABLE:
            continue
        changed = [name for name in _PRICES if name in context.plan.settings]
        yield PlanHit(
            message=f"{node.kind} took {duration(clock)} for work that all its {workers + 1:.0f} processes together "
            f"did in {duration(work)}: starting {counted(workers, 'worker')} and handing over "
            f"{counted(node.all_rows, 'row')} cost more than they saved",
            result=f"{duration(clock)} by the clock, {duration(work)} of work; {percent(share)} of the query lost",
            share=share,
            node=node.number,
            subject="parallel_setup_cost",
            fix=Fix(
                summary="Make parallelism dearer for small steps (parallel_setup_cost, parallel_tuple_cost, "
                "min_parallel_table_scan_size), or switch it off for this query (max_parallel_workers_per_gather = 0)",
                steps=[Step(sql=f"RESET {name};", note="not the default here") for name in changed]
                or [Step(sql="SET max_parallel_workers_per_gather = 0;", note="for this session, to compare")],
            ),
        )


_TABLE = (
    "CREATE TABLE hits (id int, page text);\n"
    "INSERT INTO hits SELECT i, md5(i::text) FROM generate_series(1, {rows}) i;\n"
    "ANALYZE hits;\n"
    "-- setup ends\n"
    "SET max_parallel_workers_per_gather = 2;\n"
    "SET parallel_setup_cost = 0;\n"
    "SET parallel_tuple_cost = 0;\n"
    "SET min_parallel_table_scan_size = 0;\n"
    "EXPLAIN (ANALYZE, SETTINGS, FORMAT JSON) SELECT count(*) FROM hits WHERE page ~ '{pattern}';"
)

RULE = PlanRule(
    id="parallel-overhead",
    claim="Workers that cost more to start and to listen to than they do make a query slower.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "Each worker is a process that is started for the query, and each row it finds is copied through shared "
        "memory. For a few milliseconds of work, or very many rows handed over, one process is quicker."
    ),
    unless="The workers were slow to start because the machine was busy at that moment.",
    failing=_TABLE.format(rows=500, pattern="abc"),
    passing=_TABLE.format(rows=60000, pattern="(a|b)(c|d).*(1|2)(3|4)$"),
    sources=(
        "https://www.postgresql.org/docs/current/how-parallel-query-works.html",
        "https://www.postgresql.org/docs/current/runtime-config-query.html",
    ),
    inspect=inspect,
)
