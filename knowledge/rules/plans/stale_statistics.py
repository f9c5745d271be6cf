"""Tables whose size the planner no longer knows."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.plan.model import Node
from knowledge.plan.words import amount
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._estimates import above, factor, is_wrong
from knowledge.rules.plans._scans import MANY_ROWS, matters, table

STALE = 4.0
"""Factor from which a table's size is out of date. Autovacuum analyses after changes to 10 % of the rows; below
this factor the unequal work of parallel processes could be the reason."""

LEAST_SHARE = 0.1
"""Share of the query that the scan and the step above it must take."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every scan of a whole table without a condition that found far more or fewer rows than estimated."""
    for node in context.plan.nodes:
        if not _reads_all(node) or not is_wrong(context.plan, node, STALE):
            continue
        if max(node.all_rows, node.estimated_rows * node.loops) < MANY_ROWS:
            continue
        affected = next((parent for parent, _ in above(context.plan, node)), node)
        if matters(context, affected, LEAST_SHARE, whole=True):
            yield PlanHit(
                message=f"The statistics of {table(node)} are out of date: {amount(node.estimated_rows)} rows "
                f"expected, "
                f"{amount(node.actual_rows)} found",
                result=f"{node.kind} without a condition: rows={amount(node.estimated_rows)} estimated, "
                f"{amount(node.actual_rows)} a loop found, a factor of {amount(factor(node))}",
                share=context.of(affected).inclusive_share,
                node=node.number,
                subject=table(node),
                fix=Fix(
                    summary="ANALYZE the table after loading or deleting much, and let autovacuum do it more often "
                    "(autovacuum_analyze_scale_factor)",
                    steps=[Step(sql=f"ANALYZE {qualified(node.text('Schema'), node.text('Relation Name'))};")],
                ),
            )


def _reads_all(node: Node) -> bool:
    whole = node.kind in ("Seq Scan", "Index Scan", "Index Only Scan") and bool(node.text("Relation Name"))
    return whole and not node.text("Filter") and not node.text("Index Cond")


RULE = PlanRule(
    id="stale-statistics",
    claim="A table that changed much since it was analysed is planned for as if it had not.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "A scan without a condition returns the whole table, so its estimate is the size that the last ANALYZE found, "
        "scaled to the table's present pages. It is reported when that is wrong by a factor of four or more for a "
        "table "
        "of at least 10,000 rows, estimated or real, and the scan with the step above it takes a tenth of the query."
    ),
    unless="The table is filled and emptied within a transaction, where only an ANALYZE of one's own can help.",
    failing=(
        "CREATE TABLE job (id int, state text);\n"
        "INSERT INTO job VALUES (0, 'open');\n"
        "ANALYZE job;\n"
        "INSERT INTO job SELECT g, 'open' FROM generate_series(1, 60000) g;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT state, count(*) FROM job GROUP BY state;"
    ),
    passing=(
        "CREATE TABLE job (id int, state text);\n"
        "INSERT INTO job VALUES (0, 'open');\n"
        "INSERT INTO job SELECT g, 'open' FROM generate_series(1, 60000) g;\n"
        "ANALYZE job;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT state, count(*) FROM job GROUP BY state;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS",
        "https://www.postgresql.org/docs/current/planner-stats.html",
    ),
    inspect=inspect,
)
