"""The schema a list of migrations makes, for comparison with a database that should have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.engines.fingerprint import fingerprint
from backend.engines.sqlite import open_scratch
from backend.rehearsal.replay import replay_plainly, up_of
from backend.targets.sqlite import sqlite_fingerprint
from backend.targets.target import TargetError
from knowledge.migration import Migration

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost


async def replayed_postgres(
    host: PostgresHost, migrations: Sequence[Migration], timeout_seconds: float
) -> dict[str, str]:
    """Run them in a scratch database and take its fingerprint, owners left out.

    Raises:
        TargetError: one fails.
    """
    async with host.scratch() as scratch:
        for migration in migrations:
            failure = await replay_plainly(
                scratch, up_of(migration), transactional=migration.transactional, timeout_seconds=timeout_seconds
            )
            if failure is not None:
                raise TargetError(f"{failure.location}: fails when replayed ({failure}); rehearse the folder first")
        connection = await scratch.connect()
        try:
            return await fingerprint(connection, owners=False)
        finally:
            await connection.close()


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
