"""The ground a query is planned on: a schema, and what a planner would know of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from backend.engines.lab.lab import StatisticsOf
from backend.migration_source import load_migrations
from backend.workspace import Workspace
from knowledge.formats.statistics.declared import declared
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.export_json import read_export
from knowledge.formats.statistics.pg_dump import read_dump
from knowledge.formats.statistics.row_counts import row_counts
from knowledge.plan.model import Plan
from knowledge.plan.sizes import rebuilt
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics

SQLITE_SUFFIXES = frozenset({".db", ".sqlite", ".sqlite3"})
SQL_MARKS = (";", "\n", "(")


class GroundError(ValueError):
    """The schema or the statistics cannot be had; the text says what to give instead."""


@dataclass(frozen=True)
class Ground:
    """DDL and statistics, and in words where they come from."""

    ddl: str
    statistics: DatabaseStatistics | StatisticsOf
    origin: str
    """As in ``exported statistics``."""
    assumed: bool
    """Whether sizes were declared or guessed rather than taken from a database."""
    scans: Mapping[str, int] | None = None
    """Scans of each index (``schema.index``) that the database has counted; ``None`` where nobody did."""
    identity: frozenset[str] = frozenset()
    """Indexes (``schema.index``) that identify rows for replication."""


async def ddl_of(workspace: Workspace, given: str) -> str:
    """The DDL that ``given`` is, or that lies where it points: a SQL file or a migrations folder.

    Raises:
        GroundError: there is nothing to read there.
        WorkspaceError: the path is refused.
    """
    if any(mark in given for mark in SQL_MARKS):
        return given
    real = workspace.existing(given)
    if not real.is_dir():
        return workspace.read_text(given)
    try:
        folder = await load_migrations(workspace, given)
    except ValueError as error:
        raise GroundError(f"{given}: {error}") from None
    return "\n".join(f"{migration.up.rstrip().rstrip(';')};" for migration in folder.migrations)


def declared_ground(ddl: str, rows: Iterable[str], *, today: date) -> Ground:
    """A schema with row counts somebody declared.

    Raises:
        GroundError: a count cannot be read.
    """
    try:
        counts = row_counts(rows)
    except StatisticsError as error:
        raise GroundError(str(error)) from None

    def make(schema: Schema) -> DatabaseStatistics:
        return declared(schema, counts, today=today)

    return Ground(ddl, _told(make), "declared row counts", assumed=True)


def exported_ground(ddl: str, text: str) -> Ground:
    """A schema with exported statistics: our own JSON, or ``pg_dump --statistics-only``.

    Raises:
        GroundError: they are neither.
    """
    try:
        if text.lstrip("\ufeff \r\n\t").startswith("{"):
            found = read_export(text)
            how = "exported statistics, redacted" if found.redacted else "exported statistics"
            return Ground(ddl, found, how, assumed=False)
        if "pg_restore_" not in text:
            raise StatisticsError("it is neither our export nor the text of pg_dump --statistics-only")
        read_dump(text)  # what it holds may be refused before a server is started
        return Ground(ddl, _told(partial(read_dump, text)), "pg_dump --statistics-only", assumed=False)
    except StatisticsError as error:
        raise GroundError(f"statistics: {error}") from None


def rebuilt_ground(ddl: str, plan: Plan) -> Ground:
    """A schema with sizes that follow from a plan of the real database."""
    return Ground(ddl, _told(partial(rebuilt, plan)), "sizes that follow from the given plan", assumed=True)


def _told(make: StatisticsOf) -> StatisticsOf:
    """``make`` with its errors as ours: it is called when the schema has become known, in the lab."""

    def made(schema: Schema) -> DatabaseStatistics:
        try:
            return make(schema)
        except StatisticsError as error:
            raise GroundError(f"statistics: {error}") from None

    return made
