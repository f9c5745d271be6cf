"""Estimates of rows that are far off, with what was planned because of them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.plan.model import Node
from knowledge.plan.words import amount, shortened, step
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._conditions import Clause, clauses
from knowledge.rules.plans._estimates import consequence, factor, origins
from knowledge.rules.plans._scans import LARGE_SHARE, NOTICEABLE_MS, capped, table

ROWS = 1_000
"""Rows, estimated or real, below which a wrong estimate is harmless."""

_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter")


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """The deepest steps whose estimate is wrong by a factor of ten, if a large part of the plan depends on it."""
    whole_ms = context.of(context.plan.root).inclusive_ms
    for node in origins(context.plan):
        if max(node.all_rows, node.estimated_rows * node.loops) < ROWS or _is_whole_table(node):
            continue
        led_to = consequence(context, node)
        if led_to is None or led_to.share < LARGE_SHARE:
            continue
        if context.plan.is_timed and led_to.share * whole_ms < NOTICEABLE_MS:
            continue
        yield PlanHit(
            message=f"{step(node)}: {amount(node.estimated_rows)} rows estimated, {amount(node.actual_rows)} found; "
            f"{led_to.words}",
            result=f"{step(node)} is off by a factor of {amount(factor(node))}{_conditions(node)}; what depends on it: "
            f"{step(led_to.node)}, {led_to.share:.0%} of the query".replace("%", " %"),
            share=capped(led_to.share),
            node=node.number,
            subject=table(node),
            severity=_severity(factor(node)),
            fix=_advice(node),
        )


def _is_whole_table(node: Node) -> bool:
    """Whether it reads a table without a condition: then the statistics are stale, which has its own rule."""
    return bool(node.relation) and not any(node.text(name) for name in _CONDITIONS)


def _severity(wrong: float) -> Severity:
    if wrong >= 1_000:
        return Severity.HIGH
    return Severity.MEDIUM if wrong >= 100 else Severity.LOW


def _conditions(node: Node) -> str:
    found = next((node.text(name) for name in reversed(_CONDITIONS) if node.text(name)), "")
    return f"; {shortened(found, 120)}" if found else ""


def _advice(node: Node) -> Fix:
    if node.kind in ("Function Scan", "Table Function Scan", "ProjectSet"):
        return Fix(summary="Tell the planner how many rows the function returns: ALTER FUNCTION ... ROWS n")
    name = node.text("Relation Name")
    if not name:
        return Fix(
            summary="ANALYZE the tables below this step; where columns of one table depend on each other, CREATE "
            "STATISTICS on them; else materialise this part, so that its size is known"
        )
    full = qualified(node.text("Schema"), name)
    columns = _compared(node)
    analyze = Step(sql=f"ANALYZE {full};")
    if len(columns) > 1:
        statistics = quoted("_".join((name, *columns, "stat"))[:63])
        return Fix(
            summary=f"Let the planner learn how {', '.join(columns)} depend on each other",
            steps=[Step(sql=f"CREATE STATISTICS {statistics} ON {quoted_list(columns)} FROM {full};"), analyze],
        )
    target = f" (ALTER TABLE ... ALTER COLUMN {columns[0]} SET STATISTICS 1000)" if columns else ""
    return Fix(
        summary=f"ANALYZE {name}; if that does not help, raise the statistics target of the column{target}, or CREATE "
        "STATISTICS on the expression that is compared",
        steps=[analyze],
    )


def _compared(node: Node) -> list[str]:
    """The columns compared by equality, of which extended statistics can tell the dependencies."""
    parts: list[Clause] = [part for name in _CONDITIONS for part in clauses(node.text(name))]
    return list(dict.fromkeys(part.columns[0].name for part in parts if part.is_equality))


RULE = PlanRule(
    id="row-misestimate",
    claim="A plan made for a few rows is the wrong one for many, and the other way round.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Joins, their order and memory are chosen by estimated rows, and an error is handed upwards. Reported is the "
        "deepest step whose estimate is wrong by a factor of ten or more while those below it are right, if what was "
        "planned because of it (a nested loop with many more turns, a join of a whole table with few rows, an index "
        "for most rows, a sort or hash that went to disk) takes 30 % of the query. A factor of 100 makes it medium, "
        "of 1,000 high. Rows cut off by a LIMIT are no misestimate."
    ),
    unless="The values of this run are rare ones and the estimate fits the usual values.",
    failing=(
        "CREATE TABLE place (id int, country int, city int, street int);\n"
        "CREATE TABLE visit (place_id int, seconds int);\n"
        "INSERT INTO place SELECT g, g % 10, g % 10, g % 10 FROM generate_series(1, 60000) g;\n"
        "INSERT INTO visit SELECT g, g FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX visit_place_id_idx ON visit (place_id);\n"
        "ANALYZE place, visit;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT sum(seconds) FROM place JOIN visit ON place_id = id\n"
        "WHERE country = 7 AND city = 7 AND street = 7;"
    ),
    passing=(
        "CREATE TABLE place (id int, country int, city int, street int);\n"
        "CREATE TABLE visit (place_id int, seconds int);\n"
        "INSERT INTO place SELECT g, g % 10, g % 10, g % 10 FROM generate_series(1, 60000) g;\n"
        "INSERT INTO visit SELECT g, g FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX visit_place_id_idx ON visit (place_id);\n"
        "CREATE STATISTICS place_columns ON country, city, street FROM place;\n"
        "ANALYZE place, visit;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT sum(seconds) FROM place JOIN visit ON place_id = id\n"
        "WHERE country = 7 AND city = 7 AND street = 7;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/planner-stats.html",
        "https://www.postgresql.org/docs/current/multivariate-statistics-examples.html",
    ),
    inspect=inspect,
)
