"""The sizes of tables, and the share of rows that conditions take, rebuilt from a plan.

A sequential scan costs ``pages * seq_page_cost + rows * (cpu_tuple_cost + operators * cpu_operator_cost) / d`` with
``d`` the parallel divisor (src/backend/optimizer/path/costsize.c, cost_seqscan). Where the rows are known the pages
follow; that they come out whole shows that nothing was missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.formats.statistics.type_widths import pages_of, width_of
from knowledge.plan.condition_cost import operators
from knowledge.plan.condition_shares import share_statistics
from knowledge.plan.model import Node, Plan
from knowledge.schema import Relation, Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

_COSTS = {"seq_page_cost": 1.0, "cpu_tuple_cost": 0.01, "cpu_operator_cost": 0.0025}
_GATHERS = ("Gather", "Gather Merge")
_LEADER_LOSS = 0.3
"""What each worker takes of the leader's own help (get_parallel_divisor)."""
_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan", "Sample Scan")
_WHOLE = 0.02
"""How far from a whole number a page count may lie for the costs' two decimals and rounded row counts."""


@dataclass(frozen=True)
class TableSize:
    """What one scan says of its table."""

    rows: float
    pages: int
    exact: bool
    """Whether the rows were measured or estimated without a condition, and the pages came out whole."""
    words: str


def rebuilt(plan: Plan, schema: Schema) -> DatabaseStatistics:
    """The tables of a plan as far as their sizes follow from it; what does not is named in ``notes``.

    Indexes are left out: the lab sizes those it finds in the schema.
    """
    costs = _costs(plan.settings)
    sizes: dict[str, list[TableSize]] = defaultdict(list)
    tables: dict[str, Relation] = {}
    notes: list[str] = []
    for node in plan.nodes:
        if not node.relation or node.kind not in ("Seq Scan", *_SCANS):
            continue
        table = schema.table(node.relation)
        if table is None:
            notes.append(f"{node.relation} is read, but not in the schema")
            continue
        tables[table.qualified] = table
        if node.kind == "Seq Scan" and node.has_costs:
            sizes[table.qualified].append(_seq_scan(plan, node, table, schema, costs))
    relations = []
    for name, table in tables.items():
        if not sizes[name]:
            notes.append(
                f"the plan does not tell the size of {name}, which it reads through an index: give its row count"
            )
            continue
        size = max(sizes[name], key=lambda each: (each.exact, each.rows))
        columns, more = _shares(plan, table, size.rows)
        notes += [f"{name}: {size.words}", *more]
        relations.append(
            RelationStatistics(
                table.schema, table.name, "r", size.pages, size.rows, size.pages, size.pages, columns=columns
            )
        )
    return DatabaseStatistics(
        relations=tuple(relations), settings=plan.settings, origin="plan", notes=tuple(dict.fromkeys(notes))
    )


def _costs(settings: Mapping[str, str]) -> dict[str, float]:
    found = dict(_COSTS)
    for name in _COSTS:
        try:
            found[name] = float(settings.get(name, found[name]))
        except ValueError:
            continue
    return found


def _seq_scan(plan: Plan, node: Node, table: Relation, schema: Schema, costs: Mapping[str, float]) -> TableSize:
    def type_of(name: str) -> str:
        column = table.column(name)
        return column.type if column is not None else ""

    condition = node.text("Filter")
    divisor = parallel_divisor(plan, node)
    count = operators(condition, type_of)
    each = (costs["cpu_tuple_cost"] + (count or 0.0) * costs["cpu_operator_cost"]) / divisor
    spent = node.number_of("Total Cost") - node.number_of("Startup Cost")
    rows, known = _rows(plan, node, divisor)
    if known:
        pages = (spent - rows * each) / (costs["seq_page_cost"] or 1.0)
        # A count of rows that was rounded for each process is off by up to half a row for each of them.
        slack = _WHOLE + (0.5 * divisor * each if divisor > 1 else 0.0)
        exact = count is not None and abs(pages - round(pages)) <= min(slack, 0.4) and round(pages) > 0
        how = "counted" if node.is_measured and complete(plan, node) else "estimated by its planner"
        words = f"{rows:,.0f} rows ({how}), {max(round(pages), 1):,} pages from the cost of its scan"
        if not exact:
            words += "; they do not come out whole: the planner reckoned with another number of rows or an unknown cost"
        return TableSize(rows, max(round(pages), 1), exact, words)
    rows, pages_guess = _from_widths(table, schema, spent, each, costs["seq_page_cost"])
    words = f"about {rows:,.0f} rows and {pages_guess:,} pages, from the cost of its scan and the widths of its types"
    return TableSize(rows, pages_guess, False, words)


def _rows(plan: Plan, node: Node, divisor: float) -> tuple[float, bool]:
    """The rows of the table that was scanned, and whether that is known."""
    removed = node.number_of("Rows Removed by Filter")
    if node.is_measured and node.loops > 0 and complete(plan, node):
        processes = node.loops if node.properties.get("Parallel Aware") is True else 1.0
        return max(0.0, float(round((node.actual_rows + removed) * processes))), True
    if not node.text("Filter"):
        return max(0.0, float(round(node.estimated_rows * divisor))), True
    return 0.0, False


def complete(plan: Plan, node: Node) -> bool:
    """Whether an execution surely read all of its input: nothing above it stops early."""
    below, parent = node, plan.parents.get(node.number)
    while parent is not None:
        if below.relationship in ("InitPlan", "SubPlan"):
            return False
        if parent.kind in ("Limit", "Merge Join"):
            return False
        inner = below.relationship == "Inner"
        if (
            parent.kind == "Nested Loop"
            and inner
            and (parent.text("Join Type") in ("Semi", "Anti") or parent.properties.get("Inner Unique") is True)
        ):
            return False
        if parent.kind in ("Sort", "Hash") or (
            parent.kind == "Aggregate" and parent.text("Strategy") in ("Plain", "Hashed")
        ):
            return True
        below, parent = parent, plan.parents.get(parent.number)
    return True


def parallel_divisor(plan: Plan, node: Node) -> float:
    """By how much the rows of a parallel scan are divided among processes."""
    if node.properties.get("Parallel Aware") is not True:
        return 1.0
    parent = plan.parents.get(node.number)
    while parent is not None and parent.kind not in _GATHERS:
        parent = plan.parents.get(parent.number)
    workers = parent.number_of("Workers Planned") if parent is not None else 0.0
    leader = plan.settings.get("parallel_leader_participation", "on") != "off"
    return workers + (max(0.0, 1.0 - _LEADER_LOSS * workers) if leader else 0.0) or 1.0


def _from_widths(table: Relation, schema: Schema, spent: float, each: float, page_cost: float) -> tuple[float, int]:
    """Rows and pages that cost as much, for rows as wide as the types say."""
    widths = [width_of(column, is_enum=column.type in schema.enums) for column in table.columns]
    sample = 1_000_000
    per_row = pages_of(widths, sample, nullable=False, columns=len(widths)) / sample
    rows = max(1.0, round(spent / (per_row * page_cost + each)))
    return rows, max(1, round(rows * per_row))


def _shares(plan: Plan, table: Relation, rows: float) -> tuple[tuple[ColumnStatistics, ...], list[str]]:
    """Statistics of the columns that a condition of the plan compares with a constant."""
    found: dict[str, ColumnStatistics] = {}
    notes = []
    for node in plan.nodes:
        if not node.relation or node.relation not in (table.qualified, table.name) or rows < 1:
            continue
        conditions = [text for name in ("Filter", "Index Cond", "Recheck Cond") if (text := node.text(name))]
        if len(set(conditions)) != 1:
            continue
        measured = node.is_measured and node.loops > 0 and complete(plan, node)
        taken = node.actual_rows if measured else node.estimated_rows
        if node.properties.get("Parallel Aware") is True:
            taken *= node.loops if measured else parallel_divisor(plan, node)
        share = max(0.0, min(1.0, taken / rows))
        said = share_statistics(table, conditions[0], share)
        if said is not None and said.name not in found:
            found[said.name] = said
            how = "counted" if measured else "estimated by its planner"
            notes.append(f"{table.qualified}: {conditions[0]} takes {share:.4%} of the rows ({how})")
    return tuple(found.values()), notes
