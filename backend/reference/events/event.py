"""What has happened, and how it looks as an entry of a Redis stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from redis.typing import EncodableT, FieldT

from ..ids import uuid7


def utcnow() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact in the past tense. ``payload`` holds JSON values only: strings for decimals, UUIDs and times."""

    type: str
    """As in ``order.created``."""
    aggregate_id: UUID
    """The row it happened to; events of one row are published in the order they were emitted."""
    payload: Mapping[str, Any]
    tenant_id: UUID | None = None
    id: UUID = field(default_factory=uuid7)
    occurred_at: datetime = field(default_factory=utcnow)

    def to_fields(self) -> dict[FieldT, EncodableT]:
        """The fields of a stream entry, readable without this class."""
        return {
            "id": str(self.id),
            "type": self.type,
            "aggregate_id": str(self.aggregate_id),
            "tenant_id": str(self.tenant_id) if self.tenant_id else "",
            "occurred_at": self.occurred_at.isoformat(),
            "payload": orjson.dumps(self.payload),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Event:
        """The event in a stream entry.

        Raises:
            KeyError, ValueError: the entry was not written by ``to_fields``.
        """
        tenant_id = fields[b"tenant_id"].decode()
        return cls(
            id=UUID(fields[b"id"].decode()),
            type=fields[b"type"].decode(),
            aggregate_id=UUID(fields[b"aggregate_id"].decode()),
            tenant_id=UUID(tenant_id) if tenant_id else None,
            occurred_at=datetime.fromisoformat(fields[b"occurred_at"].decode()),
            payload=orjson.loads(fields[b"payload"]),
        )
