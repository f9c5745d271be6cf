"""Creating in a scratch database what the input uses and does not create."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from backend.engines.postgres.host import EngineError
from knowledge.synthesis import Synthesis

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch


async def prepare(scratch: Scratch, synthesis: Synthesis) -> list[str]:
    """Create what was made up; what could not be created is returned in words."""
    notes: list[str] = []
    for extension in synthesis.extensions:
        try:
            await scratch.create_extension(extension)
        except (EngineError, asyncpg.PostgresError) as error:
            notes.append(f"extension {extension} could not be created: {error}")
    session = await scratch.connect()
    try:
        for sql in synthesis.sql:
            try:
                await session.execute(sql)
            except asyncpg.PostgresError as error:
                notes.append(f"an assumed object could not be created ({error}): {sql[:120]}")
    finally:
        await session.close()
    return notes
