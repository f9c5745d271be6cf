"""DISTINCT over rows that cannot repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import counted, percent, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, TRIFLE_COST, TRIFLE_MS, total_share
from knowledge.rules.plans._typed import table_of
from knowledge.schema import Relation

LEAST_ROWS = 1_000
"""Rows below which it does not matter."""

_PASSING = frozenset({"Sort", "Incremental Sort", "Gather", "Gather Merge", "Subquery Scan", "Materialize"})
_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
_ABOVE = _PASSING | {"Limit", "Unique", "Aggregate", "Result"}
_PREFIX = re.compile(r"(?:\w+|\"(?:[^\"]|\"\")+\")\.(?=(?:\w+|\"(?:[^\"]|\"\")+\")\Z)")
_DECORATION = re.compile(r"\s+(?:COLLATE\s+\S+|USING\s+\S+|DESC|ASC|NULLS\s+(?:FIRST|LAST))", re.IGNORECASE)


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every DISTINCT that a unique key makes useless, or that was seen to remove nothing."""
    for node in context.plan.nodes:
        if not _is_distinct(node) or not node.children or not _at_the_top(context, node):
            continue
        passed = _path(node)
        scan = passed[-1]
        rows_in, rows_out = _rows(node.children[0]), _rows(node)
        share = total_share(context, *passed[:-1])
        if rows_in < LEAST_ROWS or share < NOTABLE or _cheap(context, passed[:-1]):
            continue
        table = table_of(context, scan) if scan.kind in _SCANS else None
        key = _key(table, _columns(node, scan)) if table is not None else ()
        if not key and not (node.is_measured and rows_in == rows_out):
            continue
        because = f"{', '.join(key)} of {table.qualified} is unique" if table and key else "it removed none"
        yield PlanHit(
            message=f"Making {counted(rows_in, 'row')} distinct takes {percent(share)} of the {unit(context.plan)}, "
            f"and {because}",
            result=f"{rows_in:,.0f} rows into {node.kind}, {rows_out:,.0f} out",
            share=share,
            node=node.number,
            subject=scan.relation if scan.kind in _SCANS else "",
            fix=Fix(
                summary="Remove DISTINCT (or the GROUP BY without aggregates): the key already makes every row differ"
                if key
                else "If a unique key among the selected columns, or the join, rules out repeated rows, remove "
                "DISTINCT; if it covers for a join that multiplies rows, use EXISTS instead"
            ),
        )


def _is_distinct(node: Node) -> bool:
    """Whether a node only removes repeated rows: Unique, or an Aggregate that returns nothing but its keys."""
    if node.kind == "Unique":
        return True
    keys = {_plain(name) for name in node.texts("Group Key")}
    output = {_plain(name) for name in node.texts("Output")}
    return node.kind == "Aggregate" and bool(keys) and bool(output) and output <= keys and not node.text("Filter")


def _plain(name: str) -> str:
    """A column without its table: EXPLAIN qualifies keys where it does not qualify output."""
    return _PREFIX.sub("", name, count=1)


def _at_the_top(context: PlanContext, node: Node) -> bool:
    """Whether the query itself asks for it: below a join, PostgreSQL adds such steps to serve IN and EXISTS."""
    while (parent := context.plan.parents.get(node.number)) is not None:
        if parent.kind not in _ABOVE:
            return False
        node = parent
    return True


def _path(node: Node) -> list[Node]:
    """The node, what only orders or hands on rows below it, and last the first node that does more."""
    found = [node]
    while found[-1].children and (found[-1] is node or found[-1].kind in _PASSING or _is_distinct(found[-1])):
        found.append(found[-1].children[0])
    return found


def _columns(node: Node, scan: Node) -> frozenset[str]:
    """The columns that are made distinct, as far as they are columns of what ``scan`` reads."""
    named = node.texts("Group Key") or node.texts("Output")
    if not named and node.children[0].kind in ("Sort", "Incremental Sort"):
        named = node.children[0].texts("Sort Key")
    plain = (_DECORATION.sub("", name) for name in named)
    prefixes = ("", f"{scan.alias}.", f"{scan.text('Relation Name')}.")
    return frozenset(
        name.removeprefix(prefix).strip('"') for name in plain for prefix in prefixes if name.startswith(prefix)
    )


def _key(table: Relation, columns: frozenset[str]) -> tuple[str, ...]:
    """A key of the table whose columns are all among those given: primary, or unique and not nullable."""
    for index in table.indexes:
        if not index.unique or not index.valid or index.partial or not index.columns or "" in index.columns:
            continue
        found = [table.column(name) for name in index.columns]
        if columns.issuperset(index.columns) and all(column is not None and not column.nullable for column in found):
            return index.columns
    return ()


def _rows(node: Node) -> float:
    return node.all_rows if node.is_measured else node.estimated_rows


def _cheap(context: PlanContext, nodes: list[Node]) -> bool:
    if context.plan.is_timed:
        return sum(context.of(node).self_ms for node in nodes) < TRIFLE_MS
    return sum(context.of(node).self_cost for node in nodes) < TRIFLE_COST


_TABLE = (
    "CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL);\n"
    "INSERT INTO people SELECT i, 'name ' || (i % {names}) FROM generate_series(1, 20000) i;\n"
    "ANALYZE people;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="useless-distinct",
    claim="DISTINCT over rows that a key already keeps apart sorts or hashes them for nothing.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "PostgreSQL does not conclude from a unique key that rows differ: it sorts or hashes all of them to find "
        "repeats that cannot exist. Often DISTINCT was written to mend a join that multiplied rows."
    ),
    unless="No key guarantees it and rows only happened not to repeat this time.",
    failing=(
        _TABLE.format(names=20000) + "EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) SELECT DISTINCT id, name FROM people;"
    ),
    passing=(_TABLE.format(names=500) + "EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) SELECT DISTINCT name FROM people;"),
    sources=(
        "https://www.postgresql.org/docs/current/queries-select-lists.html#QUERIES-DISTINCT",
        "https://www.postgresql.org/docs/current/indexes-unique.html",
    ),
    inspect=inspect,
)
