"""What a query asks of each table it names: the plain data that :func:`knowledge.query.shape.read_query` gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Asked(StrEnum):
    """What a condition asks of a column, as far as it decides which index can answer it."""

    EQUAL = "equal"
    """``=`` to something that is no column of the same table."""
    IN = "in"
    """``IN (...)`` or ``= ANY (...)``."""
    RANGE = "range"
    """``<``, ``<=``, ``>``, ``>=``, BETWEEN."""
    PREFIX = "prefix"
    """LIKE with letters before the first wildcard."""
    INFIX = "infix"
    """LIKE with a wildcard first, ILIKE, and regular expressions: trigrams can answer them."""
    NULL = "null"
    NOT_NULL = "not null"
    TRUE = "true"
    FALSE = "false"
    JSON_CONTAINS = "json contains"
    """``@>``, ``@?`` and ``@@`` of jsonb."""
    JSON_KEY = "json key"
    """``?``, ``?|``, ``?&`` of jsonb."""
    ARRAY = "array"
    """``@>``, ``<@``, ``&&`` of an array."""
    FULL_TEXT = "full text"
    """``@@`` of a tsvector."""
    OTHER = "other"
    """Anything else: it filters, and no index is known to help."""


@dataclass(frozen=True)
class Key:
    """A column of a table, or an expression over its columns."""

    column: str = ""
    expression: str = ""
    """As SQL with bare column names; ``""`` for a column itself."""
    columns: tuple[str, ...] = ()
    """The columns an expression uses; of a column, itself."""

    def __str__(self) -> str:
        return self.expression or self.column


@dataclass(frozen=True)
class Constant:
    """A literal as the query has it."""

    sql: str
    """As SQL: ``'open'``, ``42``, ``'2020-01-01'::date``."""
    value: str
    """Its bare text, to be compared with statistics: ``open``."""


@dataclass(frozen=True)
class Condition:
    """One condition on one table."""

    test: Asked
    key: Key
    sql: str = ""
    """The condition with bare column names, where it uses constants alone: fit for the predicate of an index."""
    constants: tuple[Constant, ...] = ()
    """What the key is compared with; empty where that is a parameter, a function or another table."""
    operator: str = ""


@dataclass(frozen=True)
class SortKey:
    """One item of an ORDER BY. ``nulls_first`` is what applies, said or not."""

    key: Key
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True)
class JoinKey:
    """An equality between this table and another use of a table."""

    key: Key
    other: int
    """Position of the other in :attr:`QueryShape.uses`; -1 where it is no table (a derived one)."""
    other_key: Key = Key()


@dataclass(frozen=True)
class TableUse:
    """One mention of a table in a query."""

    table: str
    """``schema.table``, unquoted."""
    alias: str
    role: str = "read"
    """``read``, ``update``, ``delete``, ``insert`` or ``merge``: what the statement does to it."""
    conditions: tuple[Condition, ...] = ()
    """All of them hold for every row wanted."""
    alternatives: tuple[tuple[Condition, ...], ...] = ()
    """The arms of the ORs on this table alone."""
    joins: tuple[JoinKey, ...] = ()
    sort: tuple[SortKey, ...] = ()
    """The longest beginning of the ORDER BY that is of this table."""
    sort_complete: bool = False
    """Whether that is the whole ORDER BY."""
    groups: tuple[tuple[Key, ...], ...] = ()
    """What rows are grouped by, made distinct by or partitioned by, as far as it is of this table."""
    extremes: tuple[Key, ...] = ()
    """What ``min`` and ``max`` are asked of."""
    needed: frozenset[str] = frozenset()
    """Every column the query uses anywhere."""
    whole_row: bool = False
    """``*``: all columns are needed."""
    changed: frozenset[str] = frozenset()
    """Columns that an UPDATE or MERGE sets."""
    limited: bool = False
    """Whether a LIMIT may end the reading early."""
    level: int = 0
    """How many queries it is inside of."""


@dataclass(frozen=True)
class QueryShape:
    """A whole statement. ``kind`` is select, insert, update, delete, merge, or ``""`` where it was not read."""

    kind: str = ""
    uses: tuple[TableUse, ...] = ()
    parameters: int = 0
    """The highest ``$n``."""
    notes: tuple[str, ...] = ()
    """What was not understood, in words."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables named, each once, in the order of the text."""
        return tuple(dict.fromkeys(use.table for use in self.uses))

    def of(self, table: str) -> tuple[TableUse, ...]:
        """All uses of a table."""
        return tuple(use for use in self.uses if use.table == table)
