"""The ground of a query for SQLite: DDL with row counts, or the schema and statistics of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.engines.sqlite import open_target
from backend.engines.sqlite_statistics import SqliteStatistics, read_sqlite_statistics
from backend.plans.ground import SQLITE_SUFFIXES, GroundError, ddl_of
from backend.workspace import Workspace
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.row_counts import row_counts

SCHEMA = """
SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid
"""


@dataclass(frozen=True)
class SqliteGround:
    """DDL and statistics, and in words where they come from."""

    ddl: str
    statistics: SqliteStatistics | Mapping[str, int]
    origin: str
    assumed: bool


async def sqlite_ground(workspace: Workspace, given: str, rows: Sequence[str]) -> SqliteGround:
    """The ground that a request gives.

    Raises:
        GroundError: there is no schema, or a row count cannot be read.
        EngineError: the file is no SQLite database.
        WorkspaceError: a path is refused.
    """
    if not given.strip():
        raise GroundError(
            "a query for SQLite is planned on a schema: give `ddl`, as DDL or the path of a database file"
        )
    if not given.lower().endswith(tuple(SQLITE_SUFFIXES)):
        try:
            return SqliteGround(await ddl_of(workspace, given), row_counts(rows), "declared row counts", assumed=True)
        except StatisticsError as error:
            raise GroundError(str(error)) from None
    path = workspace.existing(given)
    async with open_target(path) as database:
        found = await (await database.connection.execute(SCHEMA)).fetchall()
    ddl = "\n".join(f"{row[0].rstrip().rstrip(';')};" for row in found)
    return SqliteGround(ddl, await read_sqlite_statistics(path), f"the statistics in {given}", assumed=False)
