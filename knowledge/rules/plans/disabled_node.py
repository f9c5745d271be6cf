"""Steps the planner was told not to use and used all the same."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node, Plan
from knowledge.plan.words import percent, step, unit
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE

PENALTY = 1e10
"""What PostgreSQL up to 17 added to the cost of a disabled step; 18 counts them apart (release notes of 18)."""

_SWITCHES = {
    "Seq Scan": "enable_seqscan",
    "Index Scan": "enable_indexscan",
    "Index Only Scan": "enable_indexonlyscan",
    "Bitmap Heap Scan": "enable_bitmapscan",
    "Tid Scan": "enable_tidscan",
    "Sort": "enable_sort",
    "Hash Join": "enable_hashjoin",
    "Merge Join": "enable_mergejoin",
    "Nested Loop": "enable_nestloop",
    "Aggregate": "enable_hashagg",
    "Materialize": "enable_material",
    "Memoize": "enable_memoize",
    "Gather Merge": "enable_gathermerge",
}


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every step that a switched-off planner setting should have kept out."""
    for node in context.plan.nodes:
        if not _disabled(context.plan, node):
            continue
        share = context.of(node).inclusive_share
        if share < NOTABLE or node.never_executed:
            continue
        switch = _SWITCHES.get(node.kind, "")
        yield PlanHit(
            message=f"{step(node)} is used although it is switched off"
            + (f" ({switch} = off)" if switch else "")
            + f": the planner saw no other way; with what it reads it takes {percent(share)} of the "
            f"{unit(context.plan)}",
            result="Disabled: true" if node.properties.get("Disabled") else f"cost {node.number_of('Total Cost'):,.0f}",
            share=share,
            node=node.number,
            subject=switch or node.kind,
            fix=Fix(
                summary="Switch it on again: with the setting off, estimates and the choice of every other step are "
                "distorted, and no plan without the step exists",
                steps=[Step(sql=f"RESET {switch};", note="look for it in the role's and database's settings too")]
                if switch
                else [],
            ),
        )


def _disabled(plan: Plan, node: Node) -> bool:
    """18 marks the node; before, its startup cost carries a penalty that none of its children has."""
    if "Disabled" in node.properties:
        return node.properties["Disabled"] is True
    return node.number_of("Startup Cost") >= PENALTY and all(
        child.number_of("Startup Cost") < PENALTY for child in node.children
    )


_TABLE = (
    "CREATE TABLE lines (id int, note text);\n"
    "INSERT INTO lines SELECT i, 'note' FROM generate_series(1, 2000) i;\n"
    "ANALYZE lines;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="disabled-node",
    claim="A planner setting that is off distorts every plan, and cannot forbid what has no alternative.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "The enable_* settings are for experiments: they make a step look dear, they do not forbid it. Left in a "
        "session, a role or a database they change the plans of queries nobody was thinking of."
    ),
    unless="The plan was made for an experiment.",
    failing=(
        _TABLE + "SET enable_seqscan = off;\nEXPLAIN (ANALYZE, SETTINGS, FORMAT JSON) SELECT count(*) FROM lines;"
    ),
    passing=_TABLE + "EXPLAIN (ANALYZE, SETTINGS, FORMAT JSON) SELECT count(*) FROM lines;",
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-query.html#RUNTIME-CONFIG-QUERY-ENABLE",
        "https://www.postgresql.org/docs/18/release-18.html",
    ),
    inspect=inspect,
)
