"""How good a plan of SQLite's is: what it reads whole, builds and sorts. SQLite gives no costs, so none is made up.

Rows are reckoned only to tell small from large; they decide between plans and are never reported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import log10
from types import MappingProxyType

from knowledge.advice.btree import EXACT
from knowledge.advice.figures import UNKNOWN_SHARE, TableFigures
from knowledge.plan.model import Node, Plan
from knowledge.query.shape_model import Asked, QueryShape, TableUse
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics

SMALL = 1_000
"""Rows below which reading or sorting them all is no reason for an index."""
WIDE, WIDE_COVERED = 0.15, 0.5
"""Share of a table: an index that leads to more of its rows saves no time over reading the table; one that holds all
columns needed does up to a larger share. Measured with 400,000 rows: level at a quarter, a third less at a tenth."""
RANGE = {1: 0.1, 2: 0.05}
"""Share of rows between so many bounds."""
FEW = 20
"""Values of a column of which one bound leaves half."""
PART = 0.1
"""Share of the rows that a partial index of the schema is taken to hold."""


_ROWID = ("PRIMARY KEY", "ROWID")
_NONE: Mapping[str, float] = MappingProxyType({})
_COMPARISON = re.compile(r"[<>=]")


@dataclass(frozen=True, order=True)
class Weight:
    """What is wrong with a plan; the lesser is the better."""

    full_reads: int = 0
    """Large tables read whole or mostly, each as often as the plan names it."""
    automatic: int = 0
    """Indexes built on large tables for this query alone."""
    sorts: int = 0
    """Temporary B-trees of many rows, and orders that are had for a fetch of each row."""
    magnitude: int = 0
    """Of the rows read, in powers of ten: decides between plans that are equal otherwise."""

    @property
    def faults(self) -> tuple[int, int, int]:
        """What an index must improve to be recommended."""
        return self.full_reads, self.automatic, self.sorts


@dataclass
class Tally:
    """What was met in a plan so far."""

    full: list[Node] = field(default_factory=list)
    automatic: list[Node] = field(default_factory=list)
    sorts: list[Node] = field(default_factory=list)
    scattered: list[Node] = field(default_factory=list)
    """Reads of most rows through an index that fetches each from the table: dearer than to read it and to sort."""
    repeated: int = 0
    """Those of the whole reads that are done again for each row of other tables: they count twice."""
    rows: float = 0.0

    @property
    def scanned(self) -> list[Node]:
        """Those of the full reads that no condition on an index narrows at all."""
        return [node for node in self.full if not node.text("Index Cond")]

    @property
    def visible(self) -> tuple[int, int, int]:
        """The faults that SQLite's own words show, without those that hang on reckoned rows."""
        return len(self.scanned), len(self.automatic), len(self.sorts)

    @property
    def weight(self) -> Weight:
        """The sum."""
        magnitude = round(log10(max(self.rows, 1.0)))
        return Weight(
            len(self.full) + self.repeated, len(self.automatic), len(self.sorts) + len(self.scattered), magnitude
        )


class Scales:
    """Weighs the plans of one query.

    Args:
        shape: what it asks.
        schema: the tables.
        statistics: of them, guessed where nothing is known.
        known: rows of those tables of which they are known, by name in lower case.
        told: table and column of those whose different values are known.
    """

    def __init__(
        self,
        shape: QueryShape,
        schema: Schema,
        statistics: DatabaseStatistics,
        known: Mapping[str, int],
        told: Collection[tuple[str, str]] = (),
    ) -> None:
        self._shape, self._schema, self._known, self._told = shape, schema, known, told
        self._figures = {table.qualified: TableFigures(statistics, table.qualified) for table in schema.tables}
        self._uses: dict[str, list[TableUse]] = {}
        for use in shape.uses:
            self._uses.setdefault(use.alias, []).append(use)

    @property
    def aliases(self) -> tuple[tuple[str, str], ...]:
        """Names of the query with their tables."""
        return tuple((alias, uses[0].table) for alias, uses in self._uses.items())

    def table_of(self, node: Node) -> str:
        """``schema.table`` that a step reads; ``""`` for subqueries."""
        name = (node.alias or node.relation).lower()
        uses = self._uses.get(name)
        if uses:
            return max((use.table for use in uses), key=lambda table: self._figures[table].rows)
        found = self._schema.table(name)
        return found.qualified if found is not None else ""

    def rows_of(self, node: Node) -> int:
        """Rows of the table that a step reads; 0 where they are not known, and for subqueries."""
        return self._known.get(self.table_of(node).rpartition(".")[2], 0)

    def is_known(self, table: str, column: str) -> bool:
        """Whether statistics or a constraint tell how many values a column has."""
        found = self._schema.table(table)
        alone = found is not None and any(
            constraint.columns == (column,)
            for kind in ("primary", "unique", "check")
            for constraint in found.constraints_of(kind)
        )
        return alone or (table, column) in self._told

    def tally(self, plan: Plan, partial: Mapping[str, float] = _NONE) -> Tally:
        """What is wrong with a plan.

        Args:
            plan: SQLite's.
            partial: indexes over part of the rows, with their share of them.
        """
        found = Tally()
        self._level(plan.root.children, 1.0, found, partial)
        return found

    def _level(self, steps: Collection[Node], loops: float, found: Tally, partial: Mapping[str, float]) -> float:
        """Steps of one SELECT are loops inside each other, in their order; returns the rows of the innermost."""
        sorts = any(node.kind == "Temp B-Tree" for node in steps)
        for node in steps:
            match node.kind:
                case "Scan" | "Search":
                    loops = self._read(node, loops, found, partial, sorts)
                case "Temp B-Tree" if not node.children:
                    if loops >= SMALL:
                        found.sorts.append(node)
                case "Multi-Index Or":
                    loops = sum(self._level(branch.children, loops, found, partial) for branch in node.children)
                case "Correlated Subquery":
                    self._level(node.children, loops, found, partial)
                case _:
                    self._level(node.children, 1.0, found, partial)
        return loops

    def _read(self, node: Node, loops: float, found: Tally, partial: Mapping[str, float], sorts: bool) -> float:
        table = self.table_of(node)
        if not table:
            return loops
        rows = self._figures[table].rows
        read = self._rows_read(node, table, partial)
        large = rows >= SMALL
        if node.properties.get("Automatic Index"):
            found.rows += rows
            if large:
                found.automatic.append(node)
        if large and loops * read > rows * _wide(node) and (sorts or loops > 1 or not self._ends_early(node)):
            self._enter_full(node, loops, found)
        found.rows += loops * read
        return max(1.0, loops * min(read, self._kept(node, table)))

    def _enter_full(self, node: Node, loops: float, found: Tally) -> None:
        found.full.append(node)
        if not node.text("Index Cond"):
            found.repeated += loops > 1
            if node.kind == "Scan" and node.index and not node.properties.get("Covering"):
                found.scattered.append(node)
        elif node.index and not node.properties.get("Covering") and not node.index.endswith(_ROWID):
            found.scattered.append(node)

    def _ends_early(self, node: Node) -> bool:
        """Whether a LIMIT stops the reading: rows come in their order, and no condition throws any away."""
        uses = self._uses.get(node.alias.lower(), [])
        if not node.index or len(uses) != 1 or not uses[0].limited:
            return False
        met = {_column(part) for part in node.text("Index Cond").split(" AND ")}
        others = any(use.conditions or use.alternatives for use in self._shape.uses if use is not uses[0])
        left = any(condition.key.column not in met for condition in uses[0].conditions)
        return not others and not left and not uses[0].alternatives

    def _rows_read(self, node: Node, table: str, partial: Mapping[str, float]) -> float:
        rows = max(self._figures[table].rows, 1.0)
        rows *= partial.get(node.index, 1.0)
        conditions = node.text("Index Cond")
        if not conditions:
            # Without an index, SEARCH is how SQLite calls the whole read for min() or max().
            return 1.0 if node.kind == "Search" and node.index else rows
        share, bounds = 1.0, 0
        for part in conditions.split(" AND "):
            if "=" in part:
                share *= self._share(node, table, _column(part))
            else:
                bounds += 1
        between = RANGE.get(min(bounds, 2), 1.0)
        if bounds == 1 and 1 <= self._figures[table].distinct(_column(conditions.split(" AND ")[-1])) <= FEW:
            between = 0.5
        return max(1.0, rows * share * between)

    def _share(self, node: Node, table: str, column: str) -> float:
        """The share of rows with one value of a column."""
        figures = self._figures[table]
        if column in ("rowid", "oid", "_rowid_"):
            return 0.0
        asked = [
            figures.share(condition)
            for use in self._uses.get(node.alias.lower(), [])
            for condition in use.conditions
            if condition.key.column == column and condition.test in EXACT
        ]
        distinct = figures.distinct(column)
        even = 1 / distinct if distinct >= 1 else 0.0
        # A flag's 1 is not among the values that the figures know as 'true': never less than an even share.
        return max(even, min(asked, default=even or UNKNOWN_SHARE))

    def _kept(self, node: Node, table: str) -> float:
        """Rows that meet all conditions on the table."""
        figures, kept = self._figures[table], max(self._figures[table].rows, 1.0)
        uses = self._uses.get(node.alias.lower(), [])
        if len(uses) == 1:
            for condition in uses[0].conditions:
                if condition.test is not Asked.OTHER:
                    kept *= figures.share(condition)
        return kept


def _wide(node: Node) -> float:
    return WIDE_COVERED if node.properties.get("Covering") else WIDE


def _column(condition: str) -> str:
    """The column of a condition as SQLite prints it: ``state=?``, ``total>?``."""
    return _COMPARISON.split(condition.strip("( "), maxsplit=1)[0].lower()


def known_distinct(statistics: DatabaseStatistics, distinct: Mapping[tuple[str, str], float]) -> DatabaseStatistics:
    """The statistics with what an index tells: different values by ``table`` and column."""
    return replace(
        statistics,
        relations=tuple(
            replace(
                relation,
                columns=tuple(
                    replace(
                        column,
                        n_distinct=distinct[relation.name, column.name],
                        most_common_vals="",
                        most_common_freqs=(),
                    )
                    if (relation.name, column.name) in distinct
                    else column
                    for column in relation.columns
                ),
            )
            for relation in statistics.relations
        ),
    )
