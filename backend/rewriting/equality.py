"""Whether two queries give the same results, tried on small generated databases."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.engines.function_facts import execution_facts
from backend.rewriting.databases import Row, Rows, databases, insert, insert_what_fits, pools_of, shown
from backend.rewriting.fitting import Fitting, fittings
from knowledge.identifiers import qualified, quoted
from knowledge.query.harmless import HARMLESS_VOLATILE
from knowledge.query.safety import functions_of, relations_of
from knowledge.query_rewrites.rewrite import Paging, Rewrite
from knowledge.query_rewrites.trees import Scope, is_plain, is_unlimited, select_of, sql_of, text_of
from knowledge.schema import Relation, Schema

if TYPE_CHECKING:
    import asyncpg

DATABASES = 300
MEANINGFUL = 4
"""Databases in which the query must find rows: equality of nothing with nothing proves nothing."""
SECONDS = 2.0
"""After which no further database is tried; the smallest counterexample may take as long again."""
ENOUGH = 40
"""Databases that must have been tried by then."""
SHRINKING = 80
"""Attempts at a smaller counterexample."""
ZONES = ("UTC", "America/Sao_Paulo")
"""Sao Paulo had days that began at 01:00."""
LIMITS = "SET LOCAL statement_timeout = '1s'; SET LOCAL TimeZone = '{zone}';"


@dataclass(frozen=True)
class Equality:
    """What the comparison found.

    ``counterexample`` holds the smallest rows found on which the results differ, with both results; ``reason``
    says why it could not be compared.
    """

    equal: bool
    databases: int = 0
    with_rows: int = 0
    """Databases in which the query found rows: gave something, and something else than of empty tables."""
    counterexample: str = ""
    reason: str = ""


async def compare(
    connection: asyncpg.Connection,
    schema: Schema,
    sql: str,
    rewrite: Rewrite,
    *,
    seed: int = 0,
    count: int = DATABASES,
    clock: Callable[[], float] = time.monotonic,
) -> Equality:
    """Run a query and its rewrite on generated databases of a schema that exists and is empty.

    Rows are compared as multisets, in their order where that is total; names and types of the columns must
    be the same. Everything is rolled back.

    Args:
        connection: a guest's session on a scratch database, outside a transaction.
        schema: what is in it.
        sql: the query.
        rewrite: the proposal.
        seed: of the generated values.
        count: how many databases.
        clock: seconds, for :data:`SECONDS`.
    """
    tables = tables_of(sql, schema)
    if reason := await _incomparable(connection, schema, sql, rewrite, tables):
        return Equality(False, reason=reason)
    async with _unhindered(connection, tables):
        trial = await _trial(connection, schema, sql, rewrite, tables)
        if isinstance(trial, str):
            return Equality(False, reason=trial)
        done = with_rows = 0
        deadline = clock() + SECONDS
        text = sql + "; " + rewrite.sql
        fitting = await _fitting(connection, tables, schema, text, seed)
        nothing: Any = None  # what it gives of empty tables: an aggregate gives a row
        for rows in databases(tables, schema, text, count, seed, fitting):
            if clock() > deadline:
                break
            before, after = await trial.results(rows)
            if before is None:
                continue
            if before != after:
                return Equality(False, done, with_rows, await trial.smallest(rows))
            nothing = before if done == 0 and not any(rows.values()) else nothing
            done += 1
            with_rows += bool(before) and before != nothing
    if clock() > deadline and done < ENOUGH:
        return Equality(False, done, with_rows, reason=f"only {done} databases could be compared in {SECONDS:g} s")
    if with_rows < MEANINGFUL:
        return Equality(False, done, with_rows, reason=f"the query found rows in {with_rows} of {done} databases only")
    return Equality(True, done, with_rows)


def tables_of(sql: str, schema: Schema) -> list[Relation]:
    """The tables a query names."""
    return [table for name in relations_of(sql) if (table := schema.table(name)) is not None]


async def _incomparable(
    connection: asyncpg.Connection, schema: Schema, sql: str, rewrite: Rewrite, tables: Sequence[Relation]
) -> str:
    """Why comparing would say nothing, ``""`` where it does."""
    select, other = select_of(sql), select_of(rewrite.sql)
    if select is None or other is None or not tables:
        return "it is not one SELECT over known tables"
    if len(tables) < len(relations_of(sql)):
        return "it reads something else than tables of the schema"
    called = {name.rpartition(".")[2] for name in functions_of(sql)}
    facts = await execution_facts(connection, sql)
    if (
        called & HARMLESS_VOLATILE
        or not facts.complete
        or any(fact.volatility == "v" for fact in facts.functions.values())
    ):
        return "it calls a volatile function, whose answers differ from call to call"
    if rewrite.paging is None:
        if [text_of(item.sort_by.node) for item in select.sort_clause] != [
            text_of(item.sort_by.node) for item in other.sort_clause
        ]:
            return "the order is not the same"
        if not is_unlimited(select) and not is_total(select, schema):
            return "it takes some of the rows, but its ORDER BY leaves open which"
    return ""


def is_total(select: Any, schema: Schema) -> bool:
    """Whether ORDER BY holds a unique key of every table, so that only one order is right."""
    scope = Scope(select, schema)
    if not is_plain(select):
        return False
    sorted_by: dict[str, set[str]] = {alias: set() for alias in scope.tables}
    for item in select.sort_clause:
        if (reach := scope.column(item.sort_by.node)) is not None:
            sorted_by[reach.alias].add(reach.column.name)
    return scope.known and all(any(key <= sorted_by[alias] for key in keys) for alias, keys in scope.keys.items())


@asynccontextmanager
async def _unhindered(connection: asyncpg.Connection, tables: Sequence[Relation]) -> AsyncIterator[None]:
    """A transaction, rolled back, without the foreign keys, triggers and unvalidated checks of the tables.

    Rows may then point nowhere: more than a real database can hold, never less.
    """
    outer = connection.transaction()
    await outer.start()
    try:
        for table in tables:
            name = qualified(table.schema, table.name)
            await connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            unvalidated = [check for check in table.constraints_of("check") if not check.validated]
            for constraint in (*table.constraints_of("foreign"), *unvalidated):
                await _dropped(connection, name, constraint.name)
        yield
    finally:
        await outer.rollback()


async def _dropped(connection: asyncpg.Connection, table: str, constraint: str) -> None:
    """Drop a constraint, unless the table has it from its parent as partitions do: rows it refuses are left out."""
    import asyncpg

    with suppress(asyncpg.InvalidTableDefinitionError):
        async with connection.transaction():
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quoted(constraint)}")


async def _fitting(
    connection: asyncpg.Connection, tables: Sequence[Relation], schema: Schema, text: str, seed: int
) -> dict[str, tuple[Fitting, ...]]:
    """What the checks of each table accept."""
    await connection.execute(LIMITS.format(zone=ZONES[0]))
    pools = pools_of(tables, schema, text)
    return {table.qualified: await fittings(connection, table, pools, seed) for table in tables}


async def _trial(
    connection: asyncpg.Connection, schema: Schema, sql: str, rewrite: Rewrite, tables: Sequence[Relation]
) -> _Trial | str:
    """Both queries prepared; a sentence where they cannot be."""
    import asyncpg

    select = select_of(sql)
    total = select is not None and bool(select.sort_clause) and is_total(select, schema)
    ordered = rewrite.paging is not None or total
    try:
        if rewrite.paging is not None:
            return _Trial(connection, tables, ordered, paging=rewrite.paging)
        shapes = []
        for text in (sql, rewrite.sql):
            prepared = await connection.prepare(sql_of(select_of(text)))
            shapes.append([(shape.name, shape.type.name) for shape in prepared.get_attributes()])
        if shapes[0] != shapes[1]:
            return "its columns have other names or types"
        before, after = [await connection.prepare(_as_text(text)) for text in (sql, rewrite.sql)]
    except asyncpg.PostgresError as error:
        return f"PostgreSQL refuses it: {error}"
    return _Trial(connection, tables, ordered, before=before, after=after)


def _as_text(sql: str) -> str:
    return f"SELECT architect_row::text FROM ({sql_of(select_of(sql))}) AS architect_row"


@dataclass
class _Trial:
    """Two queries, ready to be run on one database after the other."""

    connection: asyncpg.Connection
    tables: Sequence[Relation]
    ordered: bool
    before: Any = None
    after: Any = None
    paging: Paging | None = None
    _number: int = 0
    _by_row: bool = False

    async def results(self, rows: Rows) -> tuple[Any, Any]:
        """The results on a database; ``None`` for the first where the query itself fails on these rows.

        Once any row was refused, rows are inserted one by one from then on.
        """
        self._number += 1
        found = None if self._by_row else await self._results(rows, insert)
        if found is None:
            self._by_row = True
            found = await self._results(rows, insert_what_fits)
        return found or (None, None)

    async def _results(self, rows: Rows, inserted: Callable[[Relation, Sequence[Row]], str]) -> tuple[Any, Any] | None:
        """The same; ``None`` where PostgreSQL refuses the rows."""
        import asyncpg

        zone = ZONES[self._number % len(ZONES)]
        inserts = [inserted(table, rows[table.qualified]) for table in self.tables]
        inner = self.connection.transaction()
        await inner.start()
        try:
            try:
                await self.connection.execute(LIMITS.format(zone=zone) + ";".join(filter(None, inserts)))
            except asyncpg.PostgresError:
                return None
            try:
                before = await self._rows_before()
            except asyncpg.PostgresError:
                return None, None
            if before is None:
                return None, None
            try:
                return before, await self._rows_after()
            except asyncpg.PostgresError as error:
                return before, f"it fails: {error}"
        finally:
            await inner.rollback()

    async def _rows_before(self) -> Any:
        if self.paging is None:
            return self._seen(await self.before.fetch())
        self._previous = await self.connection.fetchrow(self.paging.previous)
        if self._previous is None:
            return None
        return self._seen(await self.connection.fetch(_as_text(self.paging.page)))

    async def _rows_after(self) -> Any:
        if self.paging is None:
            return self._seen(await self.after.fetch())
        return self._seen(await self.connection.fetch(_as_text(self.paging.next_page), *self._previous))

    def _seen(self, rows: Sequence[Any]) -> Any:
        found = [row[0] for row in rows]
        return found if self.ordered else Counter(found)

    async def smallest(self, rows: Rows) -> str:
        """The counterexample with as few rows as can be, in words."""
        attempts = 0
        current = {name: list(listed) for name, listed in rows.items()}
        found = await self.results(current)
        shrinking = True
        while shrinking and attempts < SHRINKING:
            shrinking = False
            for name, place in [(name, place) for name, listed in current.items() for place in range(len(listed))]:
                smaller = {**current, name: [row for number, row in enumerate(current[name]) if number != place]}
                attempts += 1
                results = await self.results(smaller)
                if results[0] is not None and results[0] != results[1]:
                    current, found, shrinking = smaller, results, True
                    break
        return f"{shown(self.tables, current)}\nthe query gives {_listed(found[0])}, the rewrite {_listed(found[1])}"


def _listed(found: Any) -> str:
    if isinstance(found, str):
        return found
    rows = list(found.elements()) if isinstance(found, Counter) else list(found)
    return ", ".join(rows) if rows else "nothing"
