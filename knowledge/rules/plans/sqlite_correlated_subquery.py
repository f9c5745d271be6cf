"""SQLite runs a subquery anew for each row, and the subquery reads a whole table."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._sqlite import reads_whole_table, rows_of
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Correlated subqueries with a full read; one that looks rows up by an index is left alone."""
    if context.plan.engine != "sqlite":
        return
    for node in context.plan.nodes:
        if node.kind != "Correlated Subquery":
            continue
        read = next((each for each in _own(node) if reads_whole_table(context.plan, each)), None)
        if read is not None:
            table = shortened(read.alias, 60)
            yield PlanHit(
                message=f"Reads all of {table}{rows_of(read)} in a subquery that runs anew for each row",
                result=f"{shortened(node.text('Detail'))}, inside it {shortened(read.text('Detail'))}",
                share=0.0,
                node=node.number,
                subject=read.relation,
                fix=Fix(
                    summary=f"Index the columns by which the subquery looks into {table}, or join a grouped subquery"
                ),
            )


def _own(node: Node) -> Iterator[Node]:
    """The steps of a subquery without those of correlated ones inside it, which are told of themselves."""
    for child in node.children:
        if child.kind != "Correlated Subquery":
            yield child
            yield from _own(child)


RULE = PlanRule(
    id="sqlite-correlated-subquery",
    claim="A CORRELATED subquery with a SCAN inside reads the whole table once for each row of the outer query.",
    family="plans",
    severity=Severity.HIGH,
    why="Nothing is kept from one run of it to the next: the time is the product of both tables' rows.",
    unless="The table inside is known to have under 1,000 rows, or the outer query gives a row or two.",
    failing="""QUERY PLAN
|--SCAN c
`--CORRELATED SCALAR SUBQUERY 1
   `--SCAN o
""",
    passing="""QUERY PLAN
|--SCAN c
`--CORRELATED SCALAR SUBQUERY 1
   `--SEARCH o USING INDEX orders_customer (customer_id=?)
""",
    sources=("https://sqlite.org/eqp.html",),
    versions=(Versions("sqlite"),),
    fix_safety="review",
    inspect=inspect,
)
