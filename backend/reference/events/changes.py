"""Events that tell of a row: its values as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ..serialization import as_json
from .event import Event
from .outbox import emit


async def emit_change(
    connection: AsyncConnection, kind: str, *rows: Mapping[str, Any], tenant_id: UUID | None = None
) -> None:
    """Write the event ``kind``, as in ``order.created``, of each row into the transaction that changed it."""
    events = [Event(type=kind, aggregate_id=row["id"], tenant_id=tenant_id, payload=as_json(row)) for row in rows]
    if events:
        await emit(connection, *events)
