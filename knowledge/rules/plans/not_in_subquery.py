"""NOT IN with a subquery, which cannot become an anti join."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import enum_name
from knowledge.plan.model import Node
from knowledge.plan.words import amount, percent
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._joins import is_hashed, is_not_in, subplan_share
from knowledge.rules.plans._scans import LARGE_SHARE, NOTICEABLE_COST, NOTICEABLE_MS, capped, table


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every subplan of NOT IN that takes a large share, unless it is hashed and its column is known to have no NULL."""
    for node in context.plan.nodes:
        parent = context.plan.parents.get(node.number)
        if node.relationship != "SubPlan" or parent is None or not is_not_in(context, parent, node):
            continue
        hashed = is_hashed(parent, node)
        share = _share(context, parent, node, hashed=hashed)
        if share < LARGE_SHARE or not _is_slow(context, share) or (hashed and _has_no_null(context, node)):
            continue
        read = next((table(each) for each in node.walk() if table(each)), "")
        yield PlanHit(
            message=_message(node, parent, read, hashed=hashed),
            result=f"{'hashed ' if hashed else ''}{node.text('Subplan Name')}: {_runs(node, parent, hashed=hashed)}, "
            f"{percent(share)} of the query's {'time' if context.plan.is_timed else 'cost'}",
            share=share,
            node=node.number,
            subject=read,
            severity=Severity.LOW if hashed else None,
            fix=Fix(
                summary="Write NOT EXISTS (SELECT ... WHERE inner column = outer column): it can be an anti join. The "
                "result is the same only where neither column is NULL"
            ),
        )


def _share(context: PlanContext, parent: Node, node: Node, *, hashed: bool) -> float:
    """The share of the subplan's runs and, as they were measured, of comparing with what they return."""
    runs = subplan_share(context, parent, node)
    return capped(runs + context.of(parent).share) if hashed or node.is_measured else runs


def _is_slow(context: PlanContext, share: float) -> bool:
    whole = context.of(context.plan.root)
    if context.plan.is_timed:
        return share * whole.inclusive_ms >= NOTICEABLE_MS
    return share * whole.inclusive_cost >= NOTICEABLE_COST


def _message(node: Node, parent: Node, read: str, *, hashed: bool) -> str:
    of = f" of {read}" if read else ""
    if hashed:
        return (
            f"NOT IN hashes its subquery{of}: beyond work_mem it runs once a row, and one NULL in it empties the result"
        )
    return f"NOT IN runs its subquery{of} again for each row: {_runs(node, parent, hashed=hashed)}"


def _runs(node: Node, parent: Node, *, hashed: bool) -> str:
    if node.is_measured:
        return f"{amount(node.loops)} run{'' if node.loops == 1 else 's'} of {amount(node.actual_rows)} rows"
    times = 1.0 if hashed else max(1.0, parent.estimated_rows)
    return f"an estimated {amount(times)} run{'' if times == 1 else 's'} of {amount(node.estimated_rows)} rows"


def _has_no_null(context: PlanContext, subplan: Node) -> bool:
    """Whether the schema says that the column which the query's one NOT IN selects is NOT NULL."""
    relation = next((each for each in subplan.walk() if each.relation), None)
    if relation is None or not context.sql:
        return False
    known = context.schema.table(relation.text("Relation Name"), relation.text("Schema") or "public")
    names = _selected(context.sql)
    column = known.column(names[0]) if known is not None and len(names) == 1 else None
    return column is not None and not column.nullable


def _selected(sql: str) -> list[str]:
    """The bare columns that the IN subqueries of a query select."""
    try:
        tree = postgast.parse(sql)
    except postgast.PgQueryError:
        return []
    found = []
    for link in postgast.find_nodes(tree, postgast.pg_query_pb2.SubLink):
        if enum_name(link, "sub_link_type") in ("ANY_SUBLINK", "ALL_SUBLINK"):
            for target in link.subselect.select_stmt.target_list:
                value = target.res_target.val
                bare = value.WhichOneof("node") == "column_ref"
                found.append(value.column_ref.fields[-1].string.sval if bare else "")
    return found


RULE = PlanRule(
    id="not-in-subquery",
    claim="NOT IN with a subquery cannot be an anti join, because a NULL among its values decides for every row.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "As long as its result fits in work_mem the subquery is hashed; one row more, and it runs again for every "
        "outer "
        "row. If it yields a single NULL, NOT IN is true for no row at all. It is reported when that part takes 30 "
        "% of "
        "the query or more; hashed, only as a remark, and not at all where the column is known to be NOT NULL."
    ),
    unless="The list of values is short and constant.",
    failing=(
        "CREATE TABLE customer (id int);\n"
        "CREATE TABLE blocked (customer_id int);\n"
        "INSERT INTO customer SELECT g FROM generate_series(1, 300) g;\n"
        "INSERT INTO blocked SELECT g FROM generate_series(2001, 10000) g;\n"
        "ANALYZE customer, blocked;\n"
        "SET work_mem = '64kB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM customer WHERE id NOT IN (SELECT customer_id FROM blocked);"
    ),
    passing=(
        "CREATE TABLE customer (id int);\n"
        "CREATE TABLE blocked (customer_id int);\n"
        "INSERT INTO customer SELECT g FROM generate_series(1, 300) g;\n"
        "INSERT INTO blocked SELECT g FROM generate_series(2001, 10000) g;\n"
        "ANALYZE customer, blocked;\n"
        "SET work_mem = '64kB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM customer\n"
        "WHERE NOT EXISTS (SELECT FROM blocked WHERE customer_id = id);"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/functions-subquery.html#FUNCTIONS-SUBQUERY-NOTIN",
        "https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_NOT_IN",
    ),
    inspect=inspect,
)
