"""Exactly-once creates: ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header-07).

The record of a request is written in the transaction of its effect: both are committed or neither is, whatever
dies in between. A request that fails leaves no record, so a corrected one may use the same key.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Base
from .errors import AppError, ConflictError, ValidationError
from .outages import sqlstate
from .types import Document, UtcDateTime

KEY = re.compile(r"[\x20-\x7e]{1,255}")
REPLAYED = {"Idempotency-Replayed": "true"}
LOCK_NOT_AVAILABLE = "55P03"
LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")
LOCK_TIMEOUT_AS_BEFORE = text("SET LOCAL lock_timeout TO DEFAULT")

idempotency_keys = Table(
    "idempotency_keys",
    Base.metadata,
    Column("caller", String(255), primary_key=True),
    Column("route", String(255), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", Document, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Requests that were carried out, with their answers. Within the transaction of the effect ``status`` is 0."""

Index("ix_idempotency_keys_created_at", idempotency_keys.c.created_at)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that is to take effect once: the same caller, route and key are the same submission."""

    caller: str
    route: str
    """Method and path template, as in ``POST /api/v1/posts``."""
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client was told. Of the headers only those that belong to the effect, as ``Location``."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def read_key(value: str | None) -> str | None:
    """The key a request was sent with.

    Raises:
        ValidationError: it is not 1 to 255 printable ASCII characters.
    """
    if value is not None and not KEY.fullmatch(value):
        message = "Must be 1 to 255 printable ASCII characters"
        raise ValidationError([{"field": "header.idempotency-key", "code": "invalid", "message": message}])
    return value


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What tells two requests apart: SHA-256 of method, path and body, whose spaces and order of keys do not count."""
    try:
        canonical = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # no JSON, or nested too deeply to be written again
        canonical = body
    return sha256(f"{method} {path!r}\n".encode() + canonical).hexdigest()


async def run_once(
    connection: AsyncConnection,
    submission: Submission,
    effect: Callable[[], Awaitable[Answer]],
    *,
    now: datetime,
    lock_wait: float = 2.0,
) -> tuple[Answer, bool]:
    """Run ``effect`` unless the submission has had it; its answer, and whether it is a replay of the first one.

    ``connection`` is in a transaction (READ COMMITTED) that the caller commits, and ``effect`` uses it as well.
    ``lock_wait`` (seconds) is how long to wait for the same submission in another transaction. SQLite has one
    writer at a time, so there the wait is that of the database.

    Raises:
        ConflictError: another transaction is still busy with it (``IDEMPOTENCY_IN_PROGRESS``).
        AppError: another request was sent with this key (422 ``IDEMPOTENCY_MISMATCH``), or whatever ``effect``
            raises; let it end the transaction, which takes the record back.
    """
    while not await _claim(connection, submission, now, lock_wait):
        first = await _first_answer(connection, submission)
        if first is not None:  # else it has just been purged
            return first, True
    answer = await effect()
    stored = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    await connection.execute(update(idempotency_keys).where(*_is(submission)).values(stored))
    return answer, False


async def purge_idempotency_keys(connection: AsyncConnection, *, before: datetime) -> int:
    """Forget what was submitted before then; how many submissions there were."""
    done = await connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before))
    return done.rowcount


def _is(submission: Submission) -> tuple[ColumnElement[bool], ...]:
    columns = idempotency_keys.c
    return (
        columns.caller == submission.caller,
        columns.route == submission.route,
        columns.key == submission.key,
    )


async def _claim(connection: AsyncConnection, submission: Submission, now: datetime, lock_wait: float) -> bool:
    """Write the record unless there is one. A record that is not committed yet is waited for."""
    postgresql = connection.dialect.name == "postgresql"
    insert = (postgresql_insert if postgresql else sqlite_insert)(idempotency_keys)
    values = {
        "caller": submission.caller,
        "route": submission.route,
        "key": submission.key,
        "fingerprint": submission.fingerprint,
        "status": 0,
        "headers": {},
        "body": b"",
        "created_at": now,
    }
    if postgresql:
        await connection.execute(LOCK_TIMEOUT, {"wait": f"{max(1, round(lock_wait * 1000))}ms"})
    try:
        done = await connection.execute(insert.values(values).on_conflict_do_nothing())
    except DBAPIError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        message = "A request with this Idempotency-Key is still running"
        raise ConflictError(message, code="IDEMPOTENCY_IN_PROGRESS") from None
    claimed = done.rowcount == 1
    if claimed and postgresql:
        await connection.execute(LOCK_TIMEOUT_AS_BEFORE)
    return claimed


async def _first_answer(connection: AsyncConnection, submission: Submission) -> Answer | None:
    row = (await connection.execute(select(idempotency_keys).where(*_is(submission)))).one_or_none()
    if row is None:
        return None
    if row.fingerprint != submission.fingerprint:
        raise AppError("IDEMPOTENCY_MISMATCH", "This Idempotency-Key was used for another request", 422)
    return Answer(row.status, row.body, row.headers)
