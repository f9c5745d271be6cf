"""What an index costs those who write."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.advice.existing import existing_indexes
from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate
from knowledge.query.expressions import own_references, parsed_expression
from knowledge.schema import Relation
from knowledge.statistics import BLOCK_SIZE

RANDOM_PAGE = 4.0
CPU_OPERATOR = 0.0025
CPU_INDEX_TUPLE = 0.005
"""PostgreSQL's default prices (manual, 19.7.2)."""
DESCENT_OPERATORS = 50
"""Comparisons' worth of a page visited on the way down (``DEFAULT_PAGE_CPU_MULTIPLIER``)."""


@dataclass(frozen=True)
class WriteCost:
    """What keeping an index up to date adds to the writing of a row."""

    share: float
    """Bytes of index for each byte of table: entry size / row size x share of rows in the index."""
    entry_bytes: float
    """Average size of one entry; 0 where the number of rows is not known."""
    hot_lost: tuple[str, ...] = ()
    """Columns whose updates could leave the indexes alone so far (HOT) and will no longer."""


def write_cost(candidate: Candidate, size: int, table: Relation, figures: TableFigures, share: float) -> WriteCost:
    """The write cost of an index of ``size`` bytes; ``share`` is the share of rows its predicate keeps."""
    table_bytes = figures.pages * BLOCK_SIZE
    rows = figures.rows * share
    before: set[str] = set()
    for existing in existing_indexes(table):
        before |= blocking_columns(existing.shape)
    lost = blocking_columns(candidate) - before if candidate.method != "brin" else set()
    return WriteCost(
        size / table_bytes if table_bytes else 0.0,
        size / rows if rows >= 1 else 0.0,
        tuple(column.name for column in table.columns if column.name in lost),
    )


def blocking_columns(candidate: Candidate) -> set[str]:
    """Columns whose change makes a new entry in an index: an update of them is not HOT (README.HOT).

    Block range indexes are summaries and do not count (since PostgreSQL 16).
    """
    if candidate.method == "brin":
        return set()
    found = {key.column for key in candidate.keys if key.column} | set(candidate.include)
    for text in (candidate.predicate, *(key.expression for key in candidate.keys)):
        tree = parsed_expression(text)
        if tree is not None:
            found |= {reference.fields[-1].string.sval for reference in own_references(tree)}
    return found


def maintenance(rows: float, size: int, height: int) -> float:
    """Planner's units that ``rows`` new entries (or dead ones, for VACUUM) cost: the descent, and a page to write.

    EXPLAIN does not count this. No more pages are written than there are.
    """
    pages = max(size / BLOCK_SIZE, 1.0)
    descent = (max(height, 0) + 1) * DESCENT_OPERATORS * CPU_OPERATOR
    return min(rows, pages) * RANDOM_PAGE + rows * (descent + CPU_INDEX_TUPLE)
