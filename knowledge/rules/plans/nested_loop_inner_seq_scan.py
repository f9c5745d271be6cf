"""Tables read as a whole for each row of a join."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount, percent, shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._conditions import columns_of
from knowledge.rules.plans._joins import inner_of, outer_of, per_row_share, processes
from knowledge.rules.plans._scans import LARGE_SHARE, MANY_ROWS, NOTICEABLE_COST, NOTICEABLE_MS, table

LEAST_TABLE = 100.0
"""Rows a scan must read for an index to spare anything: fewer stand on one page."""

TURNS = 10.0
"""Estimated turns from which a plan that was not executed is reported."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every nested loop whose inner side is a sequential scan that runs anew for each outer row."""
    for node in context.plan.nodes:
        outer, inner = outer_of(node), inner_of(node)
        if node.kind != "Nested Loop" or outer is None or inner is None:
            continue
        scan = _rescanned(inner)
        share = per_row_share(context, node)
        if scan is None or share < LARGE_SHARE:
            continue
        read = scan.actual_rows + scan.number_of("Rows Removed by Filter")
        if scan.is_measured:
            slow = not context.plan.is_timed or share * context.of(context.plan.root).inclusive_ms >= NOTICEABLE_MS
            found = (
                scan.loops > processes(context, scan)
                and read >= LEAST_TABLE
                and read * scan.loops >= MANY_ROWS
                and slow
            )
            words = f"{amount(scan.loops)} times, {amount(read)} rows each time"
        else:
            turns, cost = max(1.0, outer.estimated_rows), scan.number_of("Total Cost")
            found = turns >= TURNS and cost >= 10 and turns * cost >= NOTICEABLE_COST
            words = f"an estimated {amount(turns)} times"
        if found:
            yield PlanHit(
                message=f"{table(scan)} is read as a whole {words}, once for each row it is joined with",
                result=f"Seq Scan on {table(scan)} inside a nested loop {words}; {percent(share)} of the query's "
                f"{'time' if context.plan.is_timed else 'cost'}{_condition(node, scan)}",
                share=share,
                node=scan.number,
                subject=table(scan),
                fix=Fix(summary=_advice(node, scan)),
            )


def _rescanned(inner: Node) -> Node | None:
    """The sequential scan that is the inner side, or the one input of it."""
    while inner.kind in ("Subquery Scan", "Result", "Limit", "Sort", "Aggregate") and len(inner.children) == 1:
        inner = inner.children[0]
    return inner if inner.kind == "Seq Scan" else None


def _text(join: Node, scan: Node) -> str:
    return scan.text("Filter") or join.text("Join Filter")


def _condition(join: Node, scan: Node) -> str:
    text = _text(join, scan)
    return f"; {shortened(text, 120)}" if text else ""


def _advice(join: Node, scan: Node) -> str:
    """Which columns of the scanned table the join compares: by its name in the query, or without one in its filter."""
    own = [column.name for column in columns_of(_text(join, scan)) if column.table in ("", scan.alias)]
    columns = ", ".join(dict.fromkeys(own))
    index = f"Give {table(scan)} an index on {columns or 'the columns that are joined'}"
    return index if scan.text("Filter") else f"{index}, or join by equality, which can be hashed"


RULE = PlanRule(
    id="nested-loop-inner-seq-scan",
    claim="A nested loop over a sequential scan reads the whole table once for every row of the other side.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "The work grows with the product of both sides. It is reported when the inner scan ran more than once, read at "
        "least 100 rows each time and 10,000 in all, and that takes 30 % of the query; of an estimated plan, from ten "
        "turns on with the same share of the cost."
    ),
    unless="The inner table is always tiny (below 100 rows it is not reported).",
    failing=(
        "CREATE TABLE room (id int, area int);\n"
        "CREATE TABLE booking (room_id int, day int, guest text);\n"
        "INSERT INTO room SELECT g, g FROM generate_series(1, 200) g;\n"
        "INSERT INTO booking SELECT g % 200, g, 'guest ' || g FROM generate_series(1, 3000) g;\n"
        "ANALYZE room, booking;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT r.id, b.guest FROM room r\n"
        "CROSS JOIN LATERAL (SELECT guest FROM booking WHERE room_id = r.id ORDER BY day DESC LIMIT 1) b;"
    ),
    passing=(
        "CREATE TABLE room (id int, area int);\n"
        "CREATE TABLE booking (room_id int, day int, guest text);\n"
        "INSERT INTO room SELECT g, g FROM generate_series(1, 200) g;\n"
        "INSERT INTO booking SELECT g % 200, g, 'guest ' || g FROM generate_series(1, 3000) g;\n"
        "CREATE INDEX booking_room_id_day_idx ON booking (room_id, day);\n"
        "ANALYZE room, booking;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT r.id, b.guest FROM room r\n"
        "CROSS JOIN LATERAL (SELECT guest FROM booking WHERE room_id = r.id ORDER BY day DESC LIMIT 1) b;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/planner-optimizer.html",
    ),
    inspect=inspect,
)
