"""Down and up again: the schema must come back, and what the rows lose is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.engines.fingerprint import difference, fingerprint
from backend.rehearsal.content import Contents, contents, losses
from backend.rehearsal.outcome import RoundTrip
from backend.rehearsal.replay import replay_plainly
from knowledge.schema import Relation, Schema
from knowledge.statement import Script

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

MOST_DIFFERENCES = 6


@dataclass(frozen=True)
class State:
    """A database at one moment: its catalog as a fingerprint, its tables, and what they hold."""

    catalog: dict[str, str]
    schema: Schema
    held: Contents

    @property
    def tables(self) -> frozenset[str]:
        """``schema.table`` of each."""
        return frozenset(self.schema.by_name)


async def state_of(
    scratch: Scratch, *, catalog: dict[str, str] | None = None, grown_since: State | None = None
) -> State:
    """The database as it stands, seen by its guest.

    Args:
        scratch: the database.
        catalog: its fingerprint, where that is known.
        grown_since: read only what tables hold that have new columns since then.
    """
    connection = await scratch.connect()
    try:
        schema = await read_schema(connection)
        looked_at = schema if grown_since is None else _grown(schema, grown_since.schema)
        held = await contents(connection, looked_at)
        return State(catalog or await fingerprint(connection), schema, held)
    finally:
        await connection.close()


def _grown(now: Schema, then: Schema) -> Schema:
    """The tables of then that have columns now which they did not have."""

    def names(table: Relation) -> set[str]:
        return {column.name for column in table.columns}

    old = then.by_name
    return Schema(
        tuple(table for table in now.tables if (known := old.get(table.qualified)) and names(table) - names(known))
    )


async def round_trip(
    scratch: Scratch,
    up: Script,
    down: Script,
    before: State,
    *,
    transactional: bool,
    timeout_seconds: float,
) -> RoundTrip:
    """Run a migration's down, then its up again.

    Args:
        scratch: the database, in the state after the up.
        up: the migration.
        down: its way back.
        before: the state before the up.
        transactional: whether each way runs in one transaction.
        timeout_seconds: limit of one statement.
    """
    after = await state_of(scratch, grown_since=before)
    failure = await replay_plainly(scratch, down, transactional=transactional, timeout_seconds=timeout_seconds)
    if failure is not None:
        return RoundTrip(failed="down", failure=failure)
    below = await state_of(scratch)
    down_differences = tuple(difference(before.catalog, below.catalog)[:MOST_DIFFERENCES])
    lost_by_up = losses(before.held, below.held, before.tables)
    failure = await replay_plainly(scratch, up, transactional=transactional, timeout_seconds=timeout_seconds)
    if failure is not None:
        return RoundTrip(down_differences, lost_by_up=lost_by_up, failed="up", failure=failure)
    again = await state_of(scratch, grown_since=before)
    known = {loss.column for loss in lost_by_up}
    lost_by_down = losses(after.held, again.held, before.tables)
    return RoundTrip(
        down_differences,
        tuple(difference(after.catalog, again.catalog)[:MOST_DIFFERENCES]),
        lost_by_up,
        tuple(loss for loss in lost_by_down if loss.column not in known),
        end=again.catalog,
    )
