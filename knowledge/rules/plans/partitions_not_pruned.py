"""Partitions that are read although they hold nothing the query asks for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import counted, percent, shortened, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, TRIFLE_COST, TRIFLE_MS

LEAST_PARTITIONS = 8
"""Partitions read below which their number does not matter."""

MANY_PARTITIONS = 32
"""Partitions read from which it matters even where nobody measured what they returned."""

BARREN = 0.5
"""Part of the partitions that returned nothing from which pruning was missed."""

_CONDITIONS = ("Filter", "Index Cond", "Recheck Cond")
_NUMBERED = re.compile(r"(.+)_\d+\Z")


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every Append over many filtered partitions of one table of which most gave nothing."""
    for node in context.plan.nodes:
        if node.kind not in ("Append", "Merge Append"):
            continue
        for parent, members in _partitions(node).items():
            ran = [member for member in members if not member.never_executed]
            if len(ran) < LEAST_PARTITIONS or not any(_condition(member) for member in ran):
                continue
            empty = [member for member in ran if member.actual_rows == 0] if node.is_measured else []
            missed = len(empty) >= BARREN * len(ran) if node.is_measured else len(ran) >= MANY_PARTITIONS
            wasted = empty if node.is_measured else ran
            share = min(1.0, sum(context.of(member).inclusive_share for member in wasted))
            if not missed or share < NOTABLE or _cheap(context, wasted):
                continue
            yield PlanHit(
                message=f"{len(ran)} partitions of {shortened(parent)} are read"
                + (f" and {len(empty)} of them return nothing" if node.is_measured else "")
                + f": {percent(share)} of the {unit(context.plan)}",
                result=f"{counted(len(ran), 'partition')} under {node.kind}"
                + (f", {len(empty)} without a row" if node.is_measured else "")
                + f", {node.number_of('Subplans Removed'):.0f} removed at start",
                share=share,
                node=node.number,
                subject=parent,
                severity=None if node.is_measured else Severity.LOW,
                fix=Fix(
                    summary="Name the partition key in the condition, compared with a value known when the query "
                    "starts (a constant, a parameter, a stable function): a function or cast around the key, or a "
                    "value that comes from a join, keeps PostgreSQL from leaving partitions out"
                ),
            )


def _partitions(node: Node) -> dict[str, list[Node]]:
    """The members that read partitions, by the name the query has for the table (``events_7`` -> ``events``).

    PostgreSQL numbers the aliases of partitions; the branches of a UNION keep their own.
    """
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for member in node.children:
        reader = next((below for below in member.walk() if below.relation), None)
        match = _NUMBERED.match(reader.alias) if reader is not None else None
        if match:
            found[match[1]].append(member)
    return found


def _condition(member: Node) -> bool:
    return any(below.text(name) for below in member.walk() for name in _CONDITIONS)


def _cheap(context: PlanContext, members: list[Node]) -> bool:
    if context.plan.is_timed:
        return sum(context.of(member).inclusive_ms for member in members) < TRIFLE_MS
    return sum(context.of(member).inclusive_cost for member in members) < TRIFLE_COST


_TABLES = (
    "CREATE TABLE events (day int NOT NULL, month int NOT NULL, note text) PARTITION BY RANGE (day);\n"
    "DO $$ BEGIN FOR i IN 0..11 LOOP\n"
    "  EXECUTE format('CREATE TABLE events_p%s PARTITION OF events FOR VALUES FROM (%s) TO (%s)',\n"
    "                 i, i * 30, i * 30 + 30);\n"
    "END LOOP; END $$;\n"
    "INSERT INTO events SELECT i % 360, (i % 360) / 30, 'note' FROM generate_series(1, 60000) i;\n"
    "ANALYZE events;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="partitions-not-pruned",
    claim="A query that does not name the partition key reads every partition.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "PostgreSQL leaves partitions out by comparing their bounds with the condition. Without the key, or with a "
        "function around it, each partition is planned, locked and read, and most have nothing to give."
    ),
    unless="The query wants something from all partitions, and most happened to be empty.",
    failing=_TABLES + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM events WHERE month = 3;",
    passing=(
        _TABLES + "EXPLAIN (ANALYZE, FORMAT JSON) "
        "SELECT count(*) FROM events WHERE month = 3 AND day >= 90 AND day < 120;"
    ),
    sources=("https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",),
    inspect=inspect,
)
