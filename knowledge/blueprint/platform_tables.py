"""The tables every scaffolded backend has besides those of its resources: they belong to its ``app/core``."""

from __future__ import annotations

from knowledge.blueprint.table import TIMESTAMP, UUID, Column, ColumnKind, ColumnType, Index, IndexColumn, Table

_DOCUMENT = ColumnType(ColumnKind.JSON)
_INTEGER = ColumnType(ColumnKind.INTEGER)
_WAITING = "published_at IS NULL AND failed_at IS NULL"


def _string(length: int) -> ColumnType:
    return ColumnType(ColumnKind.STRING, length=length)


PLATFORM_TABLES = (
    Table(
        "idempotency_keys",
        "",
        (
            Column("caller", _string(255)),
            Column("route", _string(255)),
            Column("key", _string(255)),
            Column("fingerprint", _string(64)),
            Column("status", ColumnType(ColumnKind.SMALLINT)),
            Column("headers", _DOCUMENT),
            Column("body", ColumnType(ColumnKind.BINARY)),
            Column("created_at", TIMESTAMP),
        ),
        primary_key=("caller", "route", "key"),
        indexes=(Index("ix_idempotency_keys_created_at", (IndexColumn("created_at"),)),),
    ),
    Table(
        "outbox_events",
        "",
        (
            Column("sequence", ColumnType(ColumnKind.SERIAL)),
            Column("id", UUID),
            Column("type", _string(200)),
            Column("aggregate_id", UUID),
            Column("tenant_id", UUID, nullable=True),
            Column("payload", _DOCUMENT),
            Column("occurred_at", TIMESTAMP),
            Column("attempts", _INTEGER),
            Column("next_attempt_at", TIMESTAMP),
            Column("published_at", TIMESTAMP, nullable=True),
            Column("failed_at", TIMESTAMP, nullable=True),
            Column("error", ColumnType(ColumnKind.TEXT), nullable=True),
        ),
        primary_key=("sequence",),
        unique_constraints=(("id",),),
        indexes=(
            Index("ix_outbox_events_waiting", (IndexColumn("sequence"),), where=_WAITING),
            Index(
                "ix_outbox_events_waiting_aggregate",
                (IndexColumn("aggregate_id"), IndexColumn("sequence")),
                where=_WAITING,
            ),
            Index("ix_outbox_events_published_at", (IndexColumn("published_at"),)),
        ),
    ),
    Table(
        "processed_events",
        "",
        (Column("consumer", _string(100)), Column("event_id", UUID), Column("processed_at", TIMESTAMP)),
        primary_key=("consumer", "event_id"),
        indexes=(Index("ix_processed_events_processed_at", (IndexColumn("processed_at"),)),),
    ),
    Table(
        "periodic_jobs",
        "",
        (Column("name", _string(100)), Column("due_at", TIMESTAMP)),
        primary_key=("name",),
    ),
)
"""As the models of ``app/core`` declare them; a test compares the two."""
