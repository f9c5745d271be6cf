"""Tables of the events: those to be published, and those a consumer has handled."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid, text

from ..database import Base
from ..types import Document, UtcDateTime

WAITING = text("published_at IS NULL AND failed_at IS NULL")

outbox_events = Table(
    "outbox_events",
    Base.metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("type", String(200), nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("tenant_id", Uuid),
    Column("payload", Document, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("error", Text),
)
"""``next_attempt_at`` lies in the future while a relay holds the event, and after an attempt that failed."""

Index("ix_outbox_events_waiting", outbox_events.c.sequence, postgresql_where=WAITING, sqlite_where=WAITING)
Index(
    "ix_outbox_events_waiting_aggregate",
    outbox_events.c.aggregate_id,
    outbox_events.c.sequence,
    postgresql_where=WAITING,
    sqlite_where=WAITING,
)
Index("ix_outbox_events_published_at", outbox_events.c.published_at)

processed_events = Table(
    "processed_events",
    Base.metadata,
    Column("consumer", String(100), primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("processed_at", UtcDateTime, nullable=False),
)
Index("ix_processed_events_processed_at", processed_events.c.processed_at)
