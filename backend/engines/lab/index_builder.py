"""Indexes that do not exist in production, really created in the lab and given the size they would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.engines.lab.clone import without_concurrently
from backend.engines.lab.error import LabError
from backend.engines.lab.index_files import IndexFiles, refused_by_check
from backend.engines.lab.index_sizes import IndexSize, index_size
from backend.engines.lab.planning import CLIENT_SECONDS, refused
from backend.engines.lab.queries import single
from backend.engines.lab.relation_files import SEGMENT_PAGES
from backend.engines.lab.relations import IndexRelation, Table, forget_tables, read_indexes
from backend.engines.lab.sizing import Sizing
from backend.engines.lab.statistics_restore import restore_sizes
from knowledge.identifiers import qualified
from knowledge.statement import Statement
from knowledge.statistics import BLOCK_SIZE, RelationStatistics

if TYPE_CHECKING:
    import asyncpg

_TABLE = "SELECT pg_catalog.to_regclass($1)::oid::int8"


@dataclass(frozen=True)
class NewIndex:
    """An index the lab has and production has not."""

    name: str
    ddl: str
    """The statement that creates it, as given."""
    table: str
    """``schema.table``, unquoted."""
    pages: int
    """Estimated size; of a partitioned index all of it."""
    bytes: int
    height: int
    """Estimated levels above the leaves of a B-tree, -1 for another method."""
    oids: tuple[int, ...] = field(default=(), repr=False)
    """Of the index and the indexes of its partitions."""


class RefusedHeightError(Exception):
    """amcheck found fault with a B-tree whose height was written."""


@dataclass
class IndexBuilder:
    """Creates indexes in the transaction that ``session`` has open.

    ``lengths`` are the pages of each table by the path of its file; ``known`` the indexes there are.
    """

    admin: asyncpg.Connection
    session: asyncpg.Connection
    sizing: Sizing
    files: IndexFiles
    tables: dict[int, Table]
    lengths: dict[str, int]
    known: set[int]

    async def create(self, ddl: Sequence[str], *, patch: bool = True) -> tuple[tuple[NewIndex, ...], list[str]]:
        """Create the indexes; returns them and what they lack, in words.

        Raises:
            LabError: what is given is not one CREATE INDEX each, or PostgreSQL refuses it.
            RefusedHeightError: amcheck found fault with one of them; the transaction is to be rolled back.
        """
        statements = [index_statement(each) for each in ddl]
        tables = [await self._table(statement) for statement in statements]
        heaps = {path: self.lengths.get(path, 0) for table in tables for path in self._paths(table)}
        if any(pages > SEGMENT_PAGES for pages in heaps.values()):
            await forget_tables(self.admin, [oid for oid, table in self.tables.items() if table.path in heaps])
        made: list[NewIndex] = []
        notes: list[str] = []
        to_check: list[int] = []
        with self.files.files.emptied(heaps):
            for statement in statements:
                with refused(statement, statement.sql):
                    await self.session.fetch(statement.sql, timeout=CLIENT_SECONDS)
        fresh = await read_indexes(self.session, self.known)
        parts = _by_statement(fresh, tables, self.tables)
        for statement, text, table, indexes in zip(statements, ddl, tables, parts, strict=True):
            if not indexes:
                raise LabError(statement.location.line, "an index of that name exists already")
            sizes = [await self._show(index, to_check, patch=patch) for index in indexes if index.path]
            top = indexes[0]
            made.append(_described(indexes, sizes, text, table))
            if any(key.is_expression for key in top.keys):
                notes.append(
                    f"{top.name} is made of expressions: until ANALYZE the planner knows nothing of their values"
                    " and assumes 200 different ones"
                )
        if fault := await refused_by_check(self.session, to_check):
            raise RefusedHeightError(fault)
        return tuple(made), notes

    async def _table(self, statement: Statement) -> Table:
        relation = statement.node.relation
        name = qualified(relation.schemaname, relation.relname)
        oid = await self.session.fetchval(_TABLE, name)
        table = self.tables.get(oid)
        if table is None:
            raise LabError(statement.location.line, f"there is no table {name}")
        return table

    def _paths(self, table: Table) -> list[str]:
        """Files of the table, or of all its partitions."""
        if table.path:
            return [table.path]
        children = [child for child in self.tables.values() if child.parent == table.oid]
        return [path for child in children for path in self._paths(child)]

    async def _show(self, index: IndexRelation, to_check: list[int], *, patch: bool) -> IndexSize:
        table = self.tables[index.table]
        heap_pages = self.lengths.get(table.path, 0)
        equal_image = self.files.has_equal_image(index)
        content = await self.sizing.content(index, table, heap_pages, equal_image=equal_image)
        size = index_size(index, content)
        if self.files.show(index, size, patch=patch):
            to_check.append(index.oid)
        if index.predicate:
            # Only of a partial index does the planner ask how many rows it has.
            relation = RelationStatistics(index.schema, index.name, "i", size.pages, content.rows)
            await restore_sizes(self.session, [relation])
        return size


def _described(indexes: Sequence[IndexRelation], sizes: Sequence[IndexSize], ddl: str, table: Table) -> NewIndex:
    pages = sum(size.pages for size in sizes)
    return NewIndex(
        name=indexes[0].name,
        ddl=ddl,
        table=table.qualified,
        pages=pages,
        bytes=pages * BLOCK_SIZE,
        height=max((size.height for size in sizes), default=-1),
        oids=tuple(index.oid for index in indexes),
    )


def index_statement(ddl: str) -> Statement:
    """One CREATE INDEX, without CONCURRENTLY.

    Raises:
        LabError: it is something else.
    """
    statement = single(ddl)
    if statement.kind != "IndexStmt" or statement.node is None:
        raise LabError(statement.location.line, "this is not a CREATE INDEX statement")
    node: Any = statement.node
    plain = without_concurrently(statement)
    return Statement(plain.sql, statement.location, statement.kind, node)


def _by_statement(
    fresh: Sequence[IndexRelation], tables: Sequence[Table], known: dict[int, Table]
) -> list[list[IndexRelation]]:
    """The indexes each statement made, its own before those of partitions: they were created in this order."""
    left = list(fresh)
    parts: list[list[IndexRelation]] = []
    for table in tables:
        own: list[IndexRelation] = []
        while left and (not own or _is_part(known.get(left[0].table), table, known)):
            if own and left[0].table == table.oid:
                break
            own.append(left.pop(0))
        parts.append(own)
    return parts


def _is_part(table: Table | None, whole: Table, known: dict[int, Table]) -> bool:
    while table is not None:
        if table.oid == whole.oid:
            return True
        table = known.get(table.parent)
    return False
