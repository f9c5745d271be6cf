"""Parallel plans that got fewer workers than they were planned for."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import counted, percent
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import weighs

_LIMITS = ("max_parallel_workers", "max_worker_processes")


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every Gather that launched fewer workers than planned."""
    for node in context.plan.nodes:
        if "Workers Launched" not in node.properties or node.never_executed:
            continue
        planned, launched = node.number_of("Workers Planned"), node.number_of("Workers Launched")
        if launched >= planned or not weighs(context, node, with_children=True):
            continue
        whole = context.of(node).inclusive_share
        changed = [name for name in _LIMITS if name in context.plan.settings]
        yield PlanHit(
            message=f"{node.kind} was planned for {counted(planned, 'worker')} and got {launched:.0f}: the step that "
            f"takes {percent(whole)} of the query did its work in {counted(launched + 1, 'process', 'processes')} "
            f"instead of {planned + 1:.0f}",
            result=f"Workers Planned {planned:.0f}, Workers Launched {launched:.0f}",
            share=whole * (planned - launched) / (planned + 1),
            node=node.number,
            subject="max_parallel_workers",
            fix=Fix(
                summary="Give the server more workers (max_parallel_workers, and max_worker_processes above it, which "
                "needs a restart), or let fewer queries ask for them (max_parallel_workers_per_gather): a plan that "
                "counts on workers it does not get may be slower than a serial one",
                steps=[Step(sql=f"RESET {name};", note="not the default here") for name in changed],
            ),
        )


_TABLE = (
    "CREATE TABLE hits (id int, page text);\n"
    "INSERT INTO hits SELECT i, md5(i::text) FROM generate_series(1, 60000) i;\n"
    "ANALYZE hits;\n"
    "-- setup ends\n"
    "SET max_parallel_workers_per_gather = 2;\n"
    "SET parallel_setup_cost = 0;\n"
    "SET parallel_tuple_cost = 0;\n"
    "SET min_parallel_table_scan_size = 0;\n"
)

RULE = PlanRule(
    id="worker-shortfall",
    claim="A parallel plan without its workers is a plan chosen for a machine that was not there.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "The planner divides the work by the workers it hopes for. They come from one pool for the whole server; when "
        "it is empty the query runs with fewer or none, and nothing but EXPLAIN ANALYZE says so."
    ),
    unless="It happens only at rare peaks, or the client fetches through a cursor, which never starts workers.",
    failing=(
        _TABLE + "SET max_parallel_workers = 0;\n"
        "EXPLAIN (ANALYZE, SETTINGS, FORMAT JSON) SELECT count(*) FROM hits WHERE page LIKE '%abc%';"
    ),
    passing=_TABLE + "EXPLAIN (ANALYZE, SETTINGS, FORMAT JSON) SELECT count(*) FROM hits WHERE page LIKE '%abc%';",
    sources=(
        "https://www.postgresql.org/docs/current/when-can-parallel-query-be-used.html",
        "https://www.postgresql.org/docs/current/runtime-config-resource.html",
    ),
    inspect=inspect,
)
