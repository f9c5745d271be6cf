"""One request and what came back; the only way in which checks talk with the backend under test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Call:
    """A request: ``path`` with its query string, encoded; header names in any case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def as_curl(self, base: str = "http://127.0.0.1:8000") -> str:
        """The request as a command a person can paste; credentials are replaced by ``$TOKEN``."""
        parts = ["curl", "-i", "-X", self.method]
        for name, value in self.headers.items():
            shown = "Bearer $TOKEN" if name.lower() == "authorization" else value
            parts += ["-H", json.dumps(f"{name}: {shown}")]
        if self.body:
            parts += ["-d", "'" + self.body.decode(errors="replace").replace("'", "'\\''") + "'"]
        return " ".join([*parts, f"'{base}{self.path}'"])


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in lower case; repeated ones are joined with a comma."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    statements: tuple[str, ...] = ()
    """The SQL the request ran, in order, where the target can see it."""
    crash: str = ""
    """The last lines of the traceback where the application raised instead of answering; status is then 0."""

    def json(self) -> Any:
        """The body as JSON, ``None`` where it is empty.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, as evidence."""

    call: Call
    answer: Answer


class Target(Protocol):
    """A running backend."""

    observes_sql: bool
    """Whether answers carry the statements of their request."""

    async def call(self, call: Call) -> Answer:
        """Send one request.

        Raises:
            TargetGone: the backend's process ended or does not answer.
        """
        ...

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        """Send requests so that all are under way at the same time; answers in the order of the calls."""
        ...


class TargetGone(Exception):
    """The backend under test ended, or did not answer in time; the text says which and shows its last lines."""


@dataclass(frozen=True)
class Failure:
    """A law that the backend broke, with the fewest exchanges that show it."""

    check: str
    """Id of the check, as in ``fuzz.server-error`` or ``law.page-partition``."""
    operation: str
    """``GET /api/v1/posts``: method and path template."""
    message: str
    """What was expected and what came back, in one sentence."""
    exchanges: tuple[Exchange, ...] = ()
    seed: int = 0
    """With which the failure comes again; 0 where nothing was random."""
