"""Making an empty database look full: schema, statistics, file lengths, B-tree heights.

The order matters. Indexes are built while the tables have no pages, for CREATE INDEX reads them all. The
metapage of a B-tree stays in the server's memory once the planner has read it (foreign keys are checked with
queries), so every index gets a new file before its height is written, and is hidden while sizes are estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.engines.lab.clone import create_schema
from backend.engines.lab.disclosure import general_differences
from backend.engines.lab.extended_statistics import restore_extended
from backend.engines.lab.heaps import heap_pages
from backend.engines.lab.index_builder import IndexBuilder
from backend.engines.lab.index_files import IndexFiles, prepare_checks, refused_by_check
from backend.engines.lab.index_sizes import IndexSize, height_of, index_size
from backend.engines.lab.relation_files import RelationFiles, check_room
from backend.engines.lab.relations import IndexRelation, Table, forget_tables, read_indexes, read_tables
from backend.engines.lab.settings import apply_settings
from backend.engines.lab.sizing import QUIET, Sizing, widths_of
from backend.engines.lab.statistics_restore import prepare_restoring, restore_sizes, restore_statistics
from backend.engines.lab.visibility import Visibility
from backend.engines.postgres.binaries import EngineError
from knowledge.formats.statistics.pg_dump import with_index_columns
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics, RelationStatistics

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost
    from backend.engines.postgres.scratch import Scratch

PLANNING_TIMEOUT = "15s"
StatisticsOf = Callable[[Schema], DatabaseStatistics]
INDEX_COLUMNS = """
SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('i', 'I') AND n.nspname !~ '^pg_' AND a.attnum > 0 GROUP BY 1
"""


@dataclass
class _Preparation:
    scratch: Scratch
    files: IndexFiles
    admin: asyncpg.Connection
    guest: asyncpg.Connection
    """Restores statistics and estimates; never sees an index that is not hidden."""
    statistics: DatabaseStatistics
    tables: dict[int, Table] = field(default_factory=dict)
    indexes: tuple[IndexRelation, ...] = ()
    lengths: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    async def look(self) -> None:
        """Read tables and indexes with their files."""
        self.tables = {table.oid: table for table in await read_tables(self.admin)}
        self.indexes = await read_indexes(self.admin)

    async def renew_files(self) -> None:
        """Throw away rows the DDL has made, and give every B-tree a file the server has not read."""
        path = self.files.files.pages
        filled = [table for table in self.tables.values() if table.path and path(table.path)]
        full = [table.sql_name for table in filled if table.kind == "r"]
        views = [table.sql_name for table in filled if table.kind == "m"]
        commands = [f"TRUNCATE {', '.join(full)} CASCADE"] if full else []
        commands += [f"REFRESH MATERIALIZED VIEW {name} WITH NO DATA" for name in views]
        commands += [f"REINDEX INDEX {index.sql_name}" for index in self.indexes if _is_btree(index)]
        if commands:
            await self.guest.execute(";".join(commands))
            await self.look()

    def lengthen_heaps(self) -> None:
        """Give the tables their lengths."""
        check_room(relation.pages for relation in self.statistics.relations)
        for table in self.tables.values():
            known = self.statistics.by_name.get(table.qualified)
            if known is None:
                if table.path and table.kind == "r":
                    self.notes.append(f"{table.qualified} has no statistics: planned as a table never analysed")
            elif table.path:
                self.lengths[table.path] = heap_pages(known)
                self.files.files.lengthen(table.path, self.lengths[table.path])

    async def show_indexes(self) -> None:
        """Give the indexes their lengths and heights."""
        sizes = {index.oid: size for index in self.indexes if index.path and (size := self._known_size(index))}
        missing = [index for index in self.indexes if index.path and index.oid not in sizes]
        missing = [index for index in missing if self.lengths.get(self.tables[index.table].path)]
        if missing:
            sizes |= await self._estimated(missing)
        by_oid = {index.oid: index for index in self.indexes}
        patched = [oid for oid, size in sizes.items() if self.files.show(by_oid[oid], size)]
        if fault := await refused_by_check(self.admin, patched):
            await self._without_heights([by_oid[oid] for oid in patched], sizes)
            self.notes.append(f"the heights of B-trees could not be shown: {fault}")

    def _known_size(self, index: IndexRelation) -> IndexSize | None:
        relation = self.statistics.by_name.get(index.qualified)
        if relation is None or not relation.pages:
            return None
        if index.method != "btree":
            return IndexSize(relation.pages)
        if relation.height >= 0:
            return IndexSize(relation.pages, relation.height)
        table = self.statistics.by_name.get(self.tables[index.table].qualified)
        columns = {column.name: column for column in table.columns} if table else {}
        return IndexSize(relation.pages, height_of(relation.pages, index, widths_of(index, columns, relation)))

    async def _estimated(self, indexes: Sequence[IndexRelation]) -> dict[int, IndexSize]:
        """Sizes of indexes whose own statistics are missing."""
        sizing, visibility = Sizing(self.guest, self.statistics), Visibility(self.admin)
        sizes: dict[int, IndexSize] = {}
        relations: list[RelationStatistics] = []
        visible = [index.oid for index in self.indexes if index.valid]
        await visibility.show(visible, visible=False)
        for index in indexes:
            table = self.tables[index.table]
            image = self.files.has_equal_image(index)
            content = await sizing.content(index, table, self.lengths[table.path], equal_image=image)
            size = sizes[index.oid] = index_size(index, content)
            relations.append(RelationStatistics(index.schema, index.name, "i", size.pages, content.rows))
        await visibility.show(visible, visible=True)
        self.notes += await restore_sizes(self.guest, relations)
        return sizes

    async def _without_heights(self, indexes: Sequence[IndexRelation], sizes: dict[int, IndexSize]) -> None:
        """Build the B-trees anew and leave their height."""
        await forget_tables(self.admin, list(self.tables))
        with self.files.files.emptied(self.lengths):
            await self.guest.execute(";".join(f"REINDEX INDEX {index.sql_name}" for index in indexes))
        await self.look()
        oids = {index.oid for index in indexes}
        for index in self.indexes:
            if index.oid in oids:
                self.files.show(index, sizes[index.oid], patch=False)


async def prepare(
    stack: AsyncExitStack,
    host: PostgresHost,
    schema_sql: str,
    given: DatabaseStatistics | StatisticsOf,
    search_path: str,
) -> tuple[IndexBuilder, Schema, DatabaseStatistics, tuple[str, ...]]:
    """Everything a lab consists of; ``stack`` takes it down.

    Raises:
        LabError: the DDL fails, or the relations are too large.
        EngineError: there is no server of our own.
    """
    await host.start()
    if host.server is None:
        raise EngineError(
            "the statistics lab writes into the server's files, which a configured server does not allow;"
            " run it with the embedded PostgreSQL"
        )
    scratch = await stack.enter_async_context(host.scratch())
    notes = await create_schema(scratch, schema_sql)
    admin = await _session(stack, scratch, admin=True)
    await admin.execute("SET search_path = pg_catalog")
    guest = await _guest(stack, scratch, search_path)
    files = IndexFiles(RelationFiles(host.server.data), await prepare_checks(admin, scratch.guest))
    if not files.patches:
        notes.append("this installation lacks amcheck: the height of B-trees is not shown")
    await prepare_restoring(admin)
    statistics = await _statistics(admin, given)
    work = _Preparation(scratch, files, admin, guest, statistics, notes=notes)
    await work.look()
    await work.renew_files()
    work.notes += await restore_statistics(guest, admin, statistics, list(work.tables.values()), work.indexes)
    work.notes += await restore_extended(admin, statistics.extended)
    await guest.execute(QUIET)
    work.lengthen_heaps()
    await work.show_indexes()
    planner = await _guest(stack, scratch, search_path)
    work.notes += await apply_settings(planner, statistics.settings)
    await planner.execute("SET default_transaction_read_only = on")
    schema = await read_schema(admin)
    builder = IndexBuilder(
        admin=admin,
        session=planner,
        sizing=Sizing(guest, statistics),
        files=files,
        tables=work.tables,
        lengths=work.lengths,
        known={index.oid for index in work.indexes},
    )
    notes = [*work.notes, *general_differences(work.indexes, statistics, host.version)]
    return builder, schema, statistics, tuple(dict.fromkeys(notes))


async def _statistics(admin: asyncpg.Connection, given: DatabaseStatistics | StatisticsOf) -> DatabaseStatistics:
    """The statistics, columns of expression indexes by the names they have here (a dump numbers them)."""
    if isinstance(given, DatabaseStatistics):
        return given
    made = given(await read_schema(admin))
    if made.origin != "dump":
        return made
    return with_index_columns(made, dict(await admin.fetch(INDEX_COLUMNS)))


async def _session(stack: AsyncExitStack, scratch: Scratch, *, admin: bool = False) -> asyncpg.Connection:
    session = await scratch.connect(admin=admin)
    stack.callback(session.terminate)
    return session


async def _guest(stack: AsyncExitStack, scratch: Scratch, search_path: str) -> asyncpg.Connection:
    """A fresh session: what the DDL has set does not hold in it."""
    session = await _session(stack, scratch)
    await session.execute(f"SET statement_timeout = '{PLANNING_TIMEOUT}'")
    if search_path:
        await session.fetchval("SELECT pg_catalog.set_config('search_path', $1, false)", search_path)
    return session


def _is_btree(index: IndexRelation) -> bool:
    return index.method == "btree" and bool(index.path)
