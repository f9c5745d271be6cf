"""Down and up again: the schema must come back, and what the rows lose is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.engines.fingerprint import difference, fingerprint
from backend.rehearsal.content import contents, losses
from backend.rehearsal.outcome import RoundTrip
from backend.rehearsal.replay import replay_plainly, script_of
from knowledge.migration import Migration

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

Fingerprint = dict[str, str]
MOST_DIFFERENCES = 6


async def present(scratch: Scratch) -> Fingerprint:
    """The fingerprint of the database as it stands."""
    connection = await scratch.connect(admin=True)
    try:
        return await fingerprint(connection)
    finally:
        await connection.close()


async def round_trip(
    scratch: Scratch, migration: Migration, before: Fingerprint, *, timeout_seconds: float
) -> RoundTrip:
    """Run a migration's down, then its up again.

    Args:
        scratch: the database, in the state after the up.
        migration: one with a down.
        before: the fingerprint of the state before the up.
        timeout_seconds: limit of one statement.
    """
    after = await present(scratch)
    held = await _contents(scratch)
    down = script_of(migration.down or "", migration.down_path, migration.down_line)
    error = await replay_plainly(scratch, down, transactional=migration.transactional, timeout_seconds=timeout_seconds)
    if error is not None:
        return RoundTrip(error=f"the down fails: {error.sqlstate} {error.message}")
    down_differences = difference(before, await present(scratch))
    up = script_of(migration.up, migration.path, migration.up_line)
    error = await replay_plainly(scratch, up, transactional=migration.transactional, timeout_seconds=timeout_seconds)
    if error is not None:
        return RoundTrip(
            tuple(down_differences[:MOST_DIFFERENCES]),
            error=f"after the down, the up fails: {error.sqlstate} {error.message}",
        )
    up_differences = difference(after, await present(scratch))
    return RoundTrip(
        tuple(down_differences[:MOST_DIFFERENCES]),
        tuple(up_differences[:MOST_DIFFERENCES]),
        losses(held, await _contents(scratch)),
    )


async def _contents(scratch: Scratch) -> dict[str, tuple[int, str]]:
    connection = await scratch.connect(admin=True)
    try:
        return await contents(connection, await read_schema(connection))
    finally:
        await connection.close()
