"""The schema a list of migrations makes, for comparison with a database that should have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.fingerprint import fingerprint
from backend.engines.sqlite import open_scratch
from backend.rehearsal.beginning import beginning_of, lacks_beginning
from backend.rehearsal.line import Line
from backend.rehearsal.outcome import Failure
from backend.rehearsal.replay import up_of
from backend.targets.sqlite import sqlite_fingerprint
from backend.targets.target import TargetError
from knowledge.migration import Migration
from knowledge.statement import Statement
from knowledge.synthesis import Synthesis

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost


async def replayed_postgres(
    host: PostgresHost, migrations: Sequence[Migration], timeout_seconds: float
) -> dict[str, str]:
    """Run them in a scratch database and take its fingerprint, owners left out.

    Raises:
        TargetError: one fails.
    """
    failure, made = await _made(host, migrations, timeout_seconds, None)
    if failure is not None and failure.at_beginning and (groundwork := beginning_of(migrations)):
        failure, made = await _made(host, migrations, timeout_seconds, groundwork)
    if failure is not None:
        raise TargetError(f"{failure.cause.location}: fails when replayed ({failure.cause}); rehearse the folder first")
    return made


@dataclass(frozen=True)
class _Stopped:
    """What stopped a replay, and whether the folder had made nothing of its own until then."""

    cause: Failure
    at_beginning: bool


async def _made(
    host: PostgresHost, migrations: Sequence[Migration], timeout_seconds: float, groundwork: Synthesis | None
) -> tuple[_Stopped | None, dict[str, str]]:
    ran: list[Statement] = []
    async with Line(host, timeout_seconds, groundwork) as line:
        for migration in migrations:
            if failure := await line.replay(migration):
                return _Stopped(failure, lacks_beginning(failure.error, ran)), {}
            ran += up_of(migration).statements
        async with line.session() as connection:
            return None, await fingerprint(connection, owners=False)


async def replayed_sqlite(migrations: Sequence[Migration], timeout_seconds: float) -> dict[str, str]:
    """The same in SQLite, in memory.

    Raises:
        TargetError: one fails.
    """
    async with open_scratch() as database:
        for migration in migrations:
            for outcome in await database.run_script(migration.up, timeout_seconds=timeout_seconds):
                if outcome.error:
                    raise TargetError(f"{migration.path} fails when replayed: {outcome.error}")
        return await sqlite_fingerprint(database)
