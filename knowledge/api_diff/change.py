"""One change of a contract."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

Pointer = tuple[str | int, ...]


class Level(StrEnum):
    """What a change does to a client that was written for the old contract; the worst stands first."""

    BREAKING = "breaking"
    """Something that the old contract promised no longer works."""
    RISKY = "risky"
    """Some clients may fail, or behave otherwise: it depends on how they were written."""
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """0 for the worst: a sort key."""
        return list(type(self)).index(self)


class Direction(StrEnum):
    """Which way the data travels that the change is about, as a client sees it."""

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"
    NONE = "none"
    """It is about no data: a path, a server, a requirement."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, once, however many operations it reaches."""

    id: str
    """Area, kind and what happened, as in ``schema-constraints-max-length-lowered``."""
    area: str
    kind: str
    direction: Direction
    level: Level
    message: str
    """What happened, what no longer works and for whom, and what to do."""
    subject: str
    """The operation (``GET /users``), component (``schemas/User``), path or server that it belongs to."""
    place: str
    """Where in the subject, as in ``body.address.city`` or ``query parameter limit``; may be empty."""
    detail: str
    """What tells it from another change of the same place: the value, scope or media type concerned."""
    old: Pointer
    """Steps from the root of the old document; where nothing stood there, what held it."""
    new: Pointer
    uses: tuple[str, ...] = field(default=())
    """The operations that it reaches, in the order of the document."""

    @property
    def fingerprint(self) -> str:
        """The same for the same change wherever it stands in the text, and however it is worded."""
        parts = (self.id, self.direction, self.subject, self.place, self.detail)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
