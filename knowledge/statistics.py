"""What a planner knows of the rows: sizes, and the distribution of values in every column.

The figures of ``pg_class``, ``pg_statistic`` and ``pg_statistic_ext_data``, as plain data. Values are
kept in PostgreSQL's own text form. They are real values of the user's rows unless they were redacted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

BLOCK_SIZE = 8192
"""Bytes of a page (``block_size``; other builds are not supported)."""


@dataclass(frozen=True)
class ColumnStatistics:
    """One row of ``pg_stats`` (manual, 53.27). Array values are PostgreSQL array literals, ``""`` for none."""

    name: str
    """The column's name; for an expression index the name of the index column (``lower``)."""
    null_frac: float = 0.0
    avg_width: int = 0
    n_distinct: float = 0.0
    """Number of distinct values; negative: divided by the number of rows; 0: unknown."""
    most_common_vals: str = ""
    most_common_freqs: tuple[float, ...] = ()
    histogram_bounds: str = ""
    correlation: float | None = None
    most_common_elems: str = ""
    most_common_elem_freqs: tuple[float, ...] = ()
    elem_count_histogram: tuple[float, ...] = ()
    range_length_histogram: str = ""
    range_empty_frac: float | None = None
    range_bounds_histogram: str = ""
    inherited: bool = False


@dataclass(frozen=True)
class RelationStatistics:
    """A table, materialised view or index."""

    schema: str
    name: str
    kind: str
    """``pg_class.relkind``: r table, m materialised view, i index, p partitioned table, I partitioned index."""
    pages: int
    """Length of its file in pages: what the planner goes by (0 where only ``relpages`` is known and is 0)."""
    tuples: float
    """``reltuples``; -1 where it was never analysed."""
    relpages: int = 0
    all_visible: int = 0
    table: str = ""
    """Of an index: its table's name."""
    height: int = -1
    """Of a B-tree: levels above the leaves; -1 where unknown."""
    columns: tuple[ColumnStatistics, ...] = ()

    @property
    def qualified(self) -> str:
        """``schema.name``, unquoted."""
        return f"{self.schema}.{self.name}"

    @property
    def bytes(self) -> int:
        """Length of its file."""
        return self.pages * BLOCK_SIZE


@dataclass(frozen=True)
class ExtendedStatistics:
    """Data of one CREATE STATISTICS object, as hexadecimal bytes of each kind (``""`` for none)."""

    schema: str
    name: str
    inherited: bool = False
    ndistinct: str = ""
    dependencies: str = ""
    most_common: str = ""


@dataclass(frozen=True)
class DatabaseStatistics:
    """All of a database, and where it came from."""

    relations: tuple[RelationStatistics, ...] = ()
    extended: tuple[ExtendedStatistics, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Planner settings of that server that are not the default."""
    version: int = 0
    """Major version of the server they come from; 0 where unknown."""
    origin: str = "declared"
    """``declared`` (row counts), ``exported``, ``dump``, ``live``, ``plan`` (rebuilt from a pasted plan)."""
    redacted: bool = False
    notes: tuple[str, ...] = ()
    """What is missing or was guessed, in words."""

    @cached_property
    def by_name(self) -> Mapping[str, RelationStatistics]:
        """Relations by ``schema.name``."""
        return {relation.qualified: relation for relation in self.relations}
