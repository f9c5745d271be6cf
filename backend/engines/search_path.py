"""Look at a database under a ``search_path`` of our own, and leave the session's as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

_CHANGE = """
SELECT pg_catalog.current_setting('search_path'), pg_catalog.set_config('search_path', $1, $2)
"""


@asynccontextmanager
async def seen_with(connection: asyncpg.Connection, path: str) -> AsyncIterator[None]:
    """Set ``search_path`` for the length of the block.

    Inside a transaction it is set for the transaction only: a script's SET LOCAL must not outlive it.

    Raises:
        asyncpg.PostgresError: the session is in a failed transaction.
    """
    local = connection.is_in_transaction()
    before = (await connection.fetchrow(_CHANGE, path, local))[0]
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.fetchrow(_CHANGE, before, local)
