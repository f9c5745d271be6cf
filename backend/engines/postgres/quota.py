"""A bound on what a scratch database may put on disk: beyond it, its sessions are ended.

PostgreSQL has no quota for a database (only ``temp_file_limit``), and our files may lie on tmpfs, where
they are memory.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

LOOK_EVERY_SECONDS = 0.5
DATABASE_LIMIT = 4 * 1024**3
"""Bytes a scratch database may grow to."""


def bytes_of(data: Path, oid: int) -> int:
    """Bytes on disk of the database with that OID in the data directory ``data`` (manual, 66.1)."""
    total = 0
    try:
        with os.scandir(data / "base" / str(oid)) as entries:
            for entry in entries:
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                except FileNotFoundError:  # dropped between the listing and the look
                    continue
    except FileNotFoundError:
        return 0
    return total


async def guard(
    data: Path,
    databases: Mapping[str, int],
    terminate: Callable[[str], Awaitable[None]],
    limit: int = DATABASE_LIMIT,
) -> None:
    """Look at the databases (name to OID) until there are none, and end the sessions of those too large."""
    while databases:
        for name, oid in list(databases.items()):
            if bytes_of(data, oid) > limit:
                await terminate(name)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
