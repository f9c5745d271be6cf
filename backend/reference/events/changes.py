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
    connection: AsyncConnection, kind: str, row: Mapping[str, Any], *, tenant_id: UUID | None = None
) -> None:
    """Write the event ``kind``, as in ``order.created``, of a row into the transaction that changed it."""
    event = Event(type=kind, aggregate_id=row["id"], tenant_id=tenant_id, payload=as_json(row))
    await emit(connection, event)
