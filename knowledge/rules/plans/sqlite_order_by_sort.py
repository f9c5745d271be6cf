"""SQLite sorts in a temporary B-tree what an index could give in order."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._sqlite import reads_whole_table
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Sorts for ORDER BY of a SELECT whose outermost step reads a whole table."""
    if context.plan.engine != "sqlite":
        return
    for node in context.plan.nodes:
        if node.kind != "Temp B-Tree" or not node.text("Purpose").endswith("ORDER BY"):
            continue
        parent = context.plan.parents.get(node.number)
        first = _outermost(parent.children) if parent is not None else None
        if first is not None and reads_whole_table(context.plan, first):
            yield PlanHit(
                message=f"Sorts the rows of {shortened(first.alias, 60)} for {node.text('Purpose')} on every run",
                result=f"{shortened(first.text('Detail'))}, then {shortened(node.text('Detail'))}",
                share=0.0,
                node=node.number,
                subject=first.relation,
                fix=Fix(
                    summary="End an index with the columns of ORDER BY in their order, after those that are compared "
                    "by =: with a LIMIT only the rows returned are read then"
                ),
            )


def _outermost(steps: tuple[Node, ...]) -> Node | None:
    return next((node for node in steps if node.kind in ("Scan", "Search")), None)


RULE = PlanRule(
    id="sqlite-order-by-sort",
    claim="USE TEMP B-TREE FOR ORDER BY above a SCAN reads and sorts the table before the first row comes back.",
    family="plans",
    severity=Severity.MEDIUM,
    why="The sort spills into a temporary file once it is large, and a LIMIT saves none of the reading.",
    unless="The table is known to have under 1,000 rows, an index finds the rows that are sorted, or all are wanted.",
    failing="""QUERY PLAN
|--SCAN orders
`--USE TEMP B-TREE FOR ORDER BY
""",
    passing="""QUERY PLAN
|--SEARCH orders USING INDEX orders_customer (customer_id=?)
`--USE TEMP B-TREE FOR ORDER BY
""",
    sources=("https://sqlite.org/eqp.html", "https://sqlite.org/queryplanner.html#sorting"),
    versions=(Versions("sqlite"),),
    fix_safety="review",
    inspect=inspect,
)
