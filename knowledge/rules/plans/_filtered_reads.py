"""Whole tables read for a few rows, and whether an index for the condition is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.plan.model import Node
from knowledge.plan.words import amount, percent
from knowledge.rules.plan_rule import PlanContext
from knowledge.rules.plans._conditions import Clause, clauses, columns_of, names
from knowledge.rules.plans._joins import processes
from knowledge.rules.plans._scans import (
    LARGE_SHARE,
    ancestors,
    discarded,
    discards_most,
    matters,
    weight,
)
from knowledge.schema import Index

KEPT_A_COST_UNIT = 0.1
"""Estimated rows a unit of cost up to which a filter surely discards most: a page costs at least one unit and, as
values over 2 kB are stored elsewhere (TOAST), holds at least four rows, so this is less than one row in forty."""


@dataclass(frozen=True)
class FilteredRead:
    """A sequential scan that discards most of what it reads."""

    node: Node
    filter: str
    parts: tuple[Clause, ...]
    index: str
    """An index known to begin with one of its columns, or ``""``."""

    @property
    def is_simple(self) -> bool:
        """One comparison of a column with a value, and no index for it is known."""
        return len(self.parts) == 1 and self.parts[0].is_indexable and not self.index

    @property
    def is_equalities(self) -> bool:
        """Several columns compared by equality, and no index for them is known."""
        equal = len(self.parts) > 1 and all(part.is_equality for part in self.parts)
        return equal and len(columns_of(self.filter)) > 1 and not self.index


def filtered_reads(context: PlanContext) -> Iterator[FilteredRead]:
    """The sequential scans an index might spare, by what was measured or, without that, by the estimates.

    A scan that runs anew for each row is left out, and so is one whose filter runs a subquery: the join or the
    subquery is to blame then, and each has a rule of its own.
    """
    for node in context.plan.nodes:
        condition = node.text("Filter")
        if node.kind != "Seq Scan" or not condition or "SubPlan" in condition or is_rescanned(context, node):
            continue
        if node.is_measured:
            wasteful = discards_most(node)
        else:
            wasteful = node.estimated_rows <= KEPT_A_COST_UNIT * context.of(node).self_cost
        if wasteful and matters(context, node, LARGE_SHARE):
            yield FilteredRead(node, condition, clauses(condition), _known_index(context, node, condition))


def is_rescanned(context: PlanContext, node: Node) -> bool:
    """Whether it runs anew for each row of something else: by its loops or, without them, by where it stands."""
    if node.is_measured:
        return node.loops > processes(context, node)
    below = node
    for parent in ancestors(context.plan, node):
        if below.relationship == "SubPlan" or (parent.kind == "Nested Loop" and below.relationship == "Inner"):
            return True
        if parent.kind in ("Materialize", "Hash"):
            return False
        below = parent
    return False


def wasted(context: PlanContext, read: FilteredRead) -> str:
    """The decisive figures of such a scan, for the evidence."""
    node, spent = read.node, weight(context, read.node)
    if not node.is_measured:
        return f"Seq Scan expects {amount(node.estimated_rows)} rows; {spent}; Filter: {read.filter}"
    gone = discarded(node)
    part = gone / (gone + node.all_rows)
    return (
        f"rows removed by the filter {amount(gone)} ({percent(part)}), kept {amount(node.all_rows)}; {spent}; "
        f"Filter: {read.filter}"
    )


def read_for(read: FilteredRead) -> str:
    """``reads 100,000 rows to keep 12``, or what the estimates say of it."""
    node = read.node
    if node.is_measured:
        return f"reads {amount(discarded(node) + node.all_rows)} rows to keep {amount(node.all_rows)}"
    return f"is read as a whole for an estimated {amount(node.estimated_rows)} rows"


def _known_index(context: PlanContext, node: Node, condition: str) -> str:
    """An index of the schema whose first key is compared by the condition and whose predicate does not exclude it."""
    relation = context.schema.table(node.text("Relation Name"), node.text("Schema") or "public")
    if relation is None:
        return ""
    keys = {part.columns[0].name for part in clauses(condition) if part.is_indexable}
    return next((index.name for index in relation.indexes if _serves(index, keys)), "")


def _serves(index: Index, keys: set[str]) -> bool:
    return index.valid and not index.partial and index.method == "btree" and bool({*index.columns[:1]} & keys)


def columns_text(read: FilteredRead) -> str:
    """The columns of the filter, for the advice."""
    return names(columns_of(read.filter))
