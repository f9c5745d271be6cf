"""Values that the checks of a table accept: PostgreSQL says which, before any database is made."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from backend.rewriting.checks import Check, checks_of
from backend.rewriting.values import MOST
from knowledge.identifiers import quoted, quoted_list
from knowledge.schema import Column, Relation

if TYPE_CHECKING:
    import asyncpg

TRIED = 600
"""Combinations of values of the columns that one check binds together."""
KEPT = 100
"""Combinations kept of those that fit."""

Values = tuple[str | None, ...]
Pools = Mapping[tuple[str, str], tuple[str, ...]]
"""Values by ``schema.table`` and column."""


@dataclass(frozen=True)
class Fitting:
    """Columns that checks bind together, and the combinations of values they accept, the likeliest to meet first."""

    columns: tuple[str, ...]
    rows: tuple[Values, ...]

    @cached_property
    def by_nulls(self) -> dict[tuple[bool, ...], tuple[Values, ...]]:
        """The combinations by which of the values are NULL."""
        found: dict[tuple[bool, ...], list[Values]] = {}
        for row in self.rows:
            found.setdefault(tuple(value is None for value in row), []).append(row)
        return {nulls: tuple(rows) for nulls, rows in found.items()}

    def drawn(self, nulls: Sequence[float], most: int, draw: random.Random) -> Values:
        """One combination, of the first ``most``; NULLs as likely as ``nulls`` says, as far as the checks let them."""
        holes = tuple(draw.random() < null for null in nulls)
        rows = self.by_nulls.get(holes, self.rows)[:most]
        return draw.choice(rows) if rows else (None,) * len(self.columns)


async def fittings(connection: asyncpg.Connection, table: Relation, pools: Pools, seed: int = 0) -> tuple[Fitting, ...]:
    """What fits the checks of a table, for each set of columns that they bind together.

    A check on a generated column is left to the INSERT.

    Args:
        connection: a guest's session, inside a transaction.
        table: it need not exist.
        pools: the values to try.
        seed: of the sample where there are more than :data:`TRIED` combinations.
    """
    columns = {column.name: column for column in table.columns if not column.generated}
    checks = [check for check in checks_of(table) if check.columns and set(check.columns) <= set(columns)]
    accepted: dict[str, tuple[str | None, ...]] = {}
    for name in dict.fromkeys(name for check in checks for name in check.columns):
        own = [check for check in checks if set(check.columns) == {name}]
        values: list[Values] = [(value,) for value in pools[(table.qualified, name)]]
        values += [(None,)] if columns[name].nullable else []
        fit = await _accepted(connection, table, [columns[name]], own, values) if own else values
        some = [value for (value,) in fit if value is not None][: MOST * 2]
        accepted[name] = (*some, *(value for (value,) in fit if value is None))
    made = []
    for group in _bound_together(checks):
        binding = [check for check in checks if len(check.columns) > 1 and set(check.columns) <= set(group)]
        rows = list(_combinations([accepted[name] for name in group], random.Random(seed)))
        if binding:
            rows = await _accepted(connection, table, [columns[name] for name in group], binding, rows)
        made.append(Fitting(group, tuple(rows[:KEPT])))
    return tuple(made)


def _bound_together(checks: Sequence[Check]) -> list[tuple[str, ...]]:
    """Columns that share a check, directly or by way of others."""
    groups: list[tuple[str, ...]] = []
    for check in checks:
        shared = [group for group in groups if set(group) & set(check.columns)]
        groups = [group for group in groups if group not in shared]
        groups.append(tuple(dict.fromkeys(name for group in (*shared, check.columns) for name in group)))
    return groups


def _combinations(values: Sequence[Values], draw: random.Random) -> Iterator[Values]:
    """The product of the values, or a sample of it; those of the first values first."""
    ranks = [range(len(column)) for column in values]
    if prod(map(len, ranks)) <= TRIED:
        chosen = set(product(*ranks))
    else:
        chosen = {tuple(draw.choice(rank) for rank in ranks) for _ in range(TRIED)}
    for places in sorted(chosen, key=lambda places: (sum(places), places)):
        yield tuple(column[place] for column, place in zip(values, places, strict=True))


async def _accepted(
    connection: asyncpg.Connection,
    table: Relation,
    columns: Sequence[Column],
    checks: Sequence[Check],
    rows: Sequence[Values],
) -> list[Values]:
    """The rows that no check refuses and none fails on; all where checks take too long to say."""
    import asyncpg

    if not rows:
        return []
    listed = ", ".join(f"({number}, {in_sql(row, columns)})" for number, row in enumerate(rows))
    names = quoted_list([column.name for column in columns])
    wheres = " AND ".join(f"({check.condition}) IS NOT FALSE" for check in checks)
    try:
        async with connection.transaction():
            found = await connection.fetch(
                f"SELECT architect_row FROM (VALUES {listed}) AS {quoted(table.name)} (architect_row, {names})"
                f" WHERE {wheres} ORDER BY architect_row"
            )
    except asyncpg.QueryCanceledError:
        return list(rows)
    except asyncpg.PostgresError:
        if len(rows) == 1:
            return []
        halves = (rows[: len(rows) // 2], rows[len(rows) // 2 :])
        return [row for half in halves for row in await _accepted(connection, table, columns, checks, half)]
    return [rows[row[0]] for row in found]


def in_sql(row: Values, columns: Sequence[Column]) -> str:
    """The values of a row as SQL, each cast to the type of its column."""
    return ", ".join(_cast(value, column) for value, column in zip(row, columns, strict=True))


def _cast(value: str | None, column: Column) -> str:
    return f"NULL::{column.type}" if value is None else "'" + value.replace("'", "''") + f"'::{column.type}"
