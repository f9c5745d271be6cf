"""What statistics say about the share of rows that a condition keeps: good enough to order ideas by."""

from __future__ import annotations

from knowledge.formats.statistics.array_literal import ArrayError, elements
from knowledge.query.shape_model import Asked, Condition
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

UNKNOWN_SHARE = 0.05
"""Of a condition nothing is known about."""


class TableFigures:
    """The statistics of one table; all zero or unknown where there are none."""

    def __init__(self, statistics: DatabaseStatistics, table: str) -> None:
        found = statistics.by_name.get(table)
        self.relation = found or RelationStatistics(*table.partition(".")[::2], kind="r", pages=0, tuples=-1)
        self._columns = {column.name: column for column in self.relation.columns}

    def column(self, name: str) -> ColumnStatistics | None:
        """What is known of a column."""
        return self._columns.get(name)

    @property
    def pages(self) -> int:
        """Pages of the table."""
        return self.relation.pages

    @property
    def rows(self) -> float:
        """Rows of the table, 0 where unknown."""
        return max(self.relation.tuples, 0.0)

    def distinct(self, name: str) -> float:
        """Distinct values of a column, 0 where unknown."""
        column = self.column(name)
        if column is None:
            return 0.0
        return column.n_distinct if column.n_distinct >= 0 else -column.n_distinct * self.rows

    def width(self, name: str) -> int:
        """Average bytes of a column's values; 8 where unknown."""
        column = self.column(name)
        return column.avg_width if column is not None and column.avg_width else 8

    def correlation(self, name: str) -> float:
        """How far a column's order is the table's order: 0 (or unknown) to 1."""
        column = self.column(name)
        return abs(column.correlation or 0.0) if column is not None else 0.0

    def share(self, condition: Condition) -> float:
        """The share of rows a condition keeps, roughly."""
        column = self.column(condition.key.column)
        match condition.test:
            case Asked.EQUAL | Asked.TRUE | Asked.FALSE:
                return self._of_value(condition, column)
            case Asked.IN:
                return min(1.0, max(len(condition.constants), 3) * self._each(condition.key.column, column))
            case Asked.NULL:
                return column.null_frac if column is not None else UNKNOWN_SHARE
            case Asked.NOT_NULL:
                return 1 - column.null_frac if column is not None else 0.9
            case Asked.RANGE:
                return 0.2
            case Asked.OTHER:
                return 0.5
            case _:
                return UNKNOWN_SHARE

    def frequency(self, column: ColumnStatistics, value: str) -> float | None:
        """How often one value is met, where it is among the most common ones."""
        try:
            values = elements(column.most_common_vals) if column.most_common_vals else ()
        except ArrayError:
            return None
        return dict(zip(values, column.most_common_freqs, strict=False)).get(value)

    def _of_value(self, condition: Condition, column: ColumnStatistics | None) -> float:
        if column is None:
            return UNKNOWN_SHARE
        value = {Asked.TRUE: "t", Asked.FALSE: "f"}.get(condition.test)
        if value is None:
            value = condition.constants[0].value if condition.constants else None
        if value is not None:
            found = self.frequency(column, value)
            if found is not None:
                return found
        return self._each(condition.key.column, column)

    def _each(self, name: str, column: ColumnStatistics | None) -> float:
        if column is None:
            return UNKNOWN_SHARE
        rest = max(0.0, 1 - sum(column.most_common_freqs) - column.null_frac)
        others = self.distinct(name) - len(column.most_common_freqs)
        return rest / others if others >= 1 else 1 / max(self.distinct(name), 20)
