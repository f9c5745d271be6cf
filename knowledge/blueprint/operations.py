"""What can be done with a resource, by whom, and how answers are kept, limited and repeated."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from knowledge.blueprint.fields import Model

MAX_RULES: Final = 20
"""Access rules of an operation."""
MAX_NAMED: Final = 50
"""Fields and relations an operation names for one purpose."""


class Pagination(StrEnum):
    """How a list is walked."""

    OFFSET = "offset"
    """``page`` and ``limit``; meta has ``page, limit, total``."""
    CURSOR = "cursor"
    """``cursor`` and ``limit``; meta has ``limit, next_cursor``; stable while rows come and go."""


class Idempotency(StrEnum):
    """Whether a create answers a repeated ``Idempotency-Key`` with its first answer."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class RateLimit(Model):
    """At most ``requests`` in any window of ``seconds``, counted by user, or by address where there is none."""

    requests: int = Field(ge=1, le=1_000_000)
    """How many are let through."""
    seconds: int = Field(default=60, ge=1, le=86_400)
    """Length of the window."""


class CachePolicy(Model):
    """How long an answer may be kept, in seconds; 0 means not at all."""

    server: int = Field(default=0, ge=0, le=86_400)
    """In the application's own cache (Redis or memory); dropped when the resource is written."""
    max_age: int = Field(default=0, ge=0, le=31_536_000)
    """In the client."""
    shared_max_age: int = Field(default=0, ge=0, le=31_536_000)
    """In a CDN (``s-maxage``); only for operations that are public."""
    stale_while_revalidate: int = Field(default=0, ge=0, le=86_400)
    """How long an old answer may still be given while a new one is fetched (RFC 5861)."""


class Deprecation(Model):
    """An operation that clients are to leave: answers say so (RFC 9745), and from when on it may be gone (RFC 8594)."""

    since: date
    """The day from which on nobody should begin to use it."""
    sunset: date | None = None
    """The day from which on it may be gone."""
    link: str = Field(default="", max_length=500, pattern=r"^(https?://[!-~]+)?$")
    """A page that says what to use instead."""


class Operation(Model):
    """What all operations share."""

    access: tuple[str, ...] = Field(default=("authenticated",), max_length=MAX_RULES)
    """Who may: any of ``public``, ``authenticated``, ``owner``, ``tenant``, ``role:<name>``."""
    rate_limit: RateLimit | None = None
    """Instead of the blueprint's default."""
    deprecated: Deprecation | None = None
    """Clients are to leave it."""

    @property
    def public(self) -> bool:
        """Whether a caller without a token may."""
        return "public" in self.access

    @property
    def owner(self) -> bool:
        """Whether owning the row is one of the ways in."""
        return "owner" in self.access

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may."""
        return tuple(rule.removeprefix("role:") for rule in self.access if rule.startswith("role:"))


class GetOperation(Operation):
    """Read one row."""

    cache: CachePolicy = CachePolicy()
    """How long answers may be kept."""


class ListOperation(Operation):
    """Read many rows, a page at a time.

    With ``owner`` among its access rules the list holds the caller's own rows (all rows for callers whom
    another rule lets in).
    """

    pagination: Pagination = Pagination.OFFSET
    """How the list is walked."""
    filter: tuple[str, ...] = Field(default=(), max_length=MAX_NAMED)
    """Fields and relations that can be asked for by equality."""
    sort: tuple[str, ...] = Field(default=(), max_length=MAX_NAMED)
    """Fields that can be sorted by, besides the default, newest first. Not for cursor pagination."""
    search: tuple[str, ...] = Field(default=(), max_length=MAX_NAMED)
    """String and text fields that ``q`` looks into, ignoring case."""
    embed: tuple[str, ...] = Field(default=(), max_length=MAX_NAMED)
    """``belongs_to`` relations whose row comes along in each row, loaded without further statements a row."""
    default_limit: int = Field(default=20, ge=1, le=100)
    """Rows of a page where the caller does not say."""
    max_limit: int = Field(default=100, ge=1, le=1000)
    """Most rows of a page."""
    cache: CachePolicy = CachePolicy()
    """How long answers may be kept."""


class CreateOperation(Operation):
    """Make a row."""

    idempotency: Idempotency = Idempotency.OPTIONAL
    """Whether a repeated request gets the first answer again."""


class UpdateOperation(Operation):
    """Change the given fields of a row (PATCH)."""


class DeleteOperation(Operation):
    """Remove a row, or mark it where the resource deletes softly."""


class Operations(Model):
    """The operations a resource offers; those left out do not exist."""

    list: ListOperation | None = None
    """Read many rows, a page at a time."""
    get: GetOperation | None = None
    """Read one row."""
    create: CreateOperation | None = None
    """Make a row."""
    update: UpdateOperation | None = None
    """Change the given fields of a row (PATCH)."""
    delete: DeleteOperation | None = None
    """Remove a row, or mark it where the resource deletes softly."""

    @property
    def offered(self) -> dict[str, Operation]:
        """The operations that exist, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: operation for name, operation in named.items() if operation is not None}
