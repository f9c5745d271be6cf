"""The record of a law: what is claimed of a running backend, and the check that tries to break it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.exercise.laws.trial import Trial


@dataclass(frozen=True)
class Law:
    """One claim about a backend's answers."""

    id: str
    """As in ``law.page-partition``."""
    claim: str
    """What is true of a backend that keeps it; one sentence."""
    applies: str
    """What it can be held against; read after "it applies to"."""
    why: str
    """What goes wrong for callers where it is broken."""
    source: str
    """Standard, specification or the wire contract."""
    check: Callable[[Trial], Awaitable[None]]
    """Tries to break it."""
    last: bool = False
    """Uses up what other laws need, as rate limits; run after them."""
