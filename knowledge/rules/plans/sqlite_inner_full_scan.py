"""SQLite reads a whole table again for each row of a join."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._sqlite import inner_steps, reads_whole_table, rows_of
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every full read that is not the outermost loop of its SELECT."""
    if context.plan.engine != "sqlite":
        return
    for node, before in inner_steps(context.plan):
        if reads_whole_table(context.plan, node):
            table = shortened(node.alias, 60)
            yield PlanHit(
                message=f"Reads all of {table}{rows_of(node)} again for each row of {shortened(before.alias, 60)}",
                result=f"{shortened(before.text('Detail'))}, then inside it {shortened(node.text('Detail'))}",
                share=0.0,
                node=node.number,
                subject=node.relation,
                fix=Fix(
                    summary=f"Join {table} by an equality on columns of an index; for a join by < or > bound both sides"
                ),
            )


RULE = PlanRule(
    id="sqlite-inner-full-scan",
    claim="A SCAN below the first step of a join reads the whole table once for each row of the steps before it.",
    family="plans",
    severity=Severity.HIGH,
    why="SQLite joins by nested loops alone: the time is the product of both tables' rows.",
    unless="The inner table is known to have under 1,000 rows, or the outer step finds one row by its rowid.",
    failing="""QUERY PLAN
|--SCAN c
`--SCAN o
""",
    passing="""QUERY PLAN
|--SCAN c
`--SEARCH o USING INDEX orders_customer (customer_id=?)
""",
    sources=("https://sqlite.org/eqp.html", "https://sqlite.org/optoverview.html#joins"),
    versions=(Versions("sqlite"),),
    fix_safety="review",
    inspect=inspect,
)
