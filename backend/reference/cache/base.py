"""What an application cache keeps, and what both kinds of it can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ..conditional import etag_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A serialised answer: a hit costs neither a query nor a serialisation nor a hash."""

    body: bytes
    etag: str
    """Strong entity tag of the body, in its quotes."""

    @classmethod
    def of(cls, body: bytes) -> Entry:
        """An entry tagged by the hash of its body."""
        return cls(body, etag_of(body))


Load = Callable[[], Awaitable[Entry]]
"""Makes the answer. What it raises goes to everyone who waits for it and is not stored."""


class Cache(Protocol):
    """An application cache whose entries live in namespaces that a write makes unreachable as a whole."""

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        """The entry, loaded by one caller while the others wait for it.

        ``ttl`` is how many seconds an entry is fresh. For ``stale`` more seconds it is served as it is while one
        loader renews it in the background; such a loader may outlive the request and must open its own session.

        ``load`` must begin its reads after it was called: a snapshot opened before (a repeatable-read
        transaction) may be older than an invalidation that has already happened.
        """
        ...

    async def invalidate(self, *namespaces: str) -> None:
        """Make every entry of the namespaces unreachable. Call it after the write has been committed.

        An entry that somebody is loading meanwhile may be of before the write; it is stored unreachable, too. A
        process that dies between the commit and this call leaves the old entries until their time is over.
        """
        ...

    async def aclose(self) -> None:
        """Stop the renewals that still run."""
        ...
