"""What lies in the project now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from backend.scaffold.paths import Place
from backend.workspace import MAX_FILE_BYTES, WorkspaceError, decode, read_regular

ABSENT_DIGEST = "absent"


@dataclass(frozen=True)
class Current:
    """A file as it is: its text with lines ending in ``\\n``, or ``None`` where there is none to read."""

    place: Place
    text: str | None = None
    digest: str = ABSENT_DIGEST
    """SHA-256 of its bytes, ``absent``, or the reason why it cannot be read."""
    windows: bool = False
    """Its lines end in ``\\r\\n``, and shall go on doing so."""
    problem: str = ""

    @property
    def absent(self) -> bool:
        """Whether nothing lies there."""
        return self.digest == ABSENT_DIGEST

    def raw(self, text: str) -> str:
        """``text`` with the line ends of this file."""
        return text.replace("\n", "\r\n") if self.windows else text


def current_files(places: Mapping[str, Place]) -> dict[str, Current]:
    """What lies at each place."""
    return {path: current(where, path) for path, where in places.items()}


def current(where: Place, path: str) -> Current:
    """What lies at one place; a file that is no text is a problem to report, not an error."""
    if where.problem:
        return Current(where, digest=where.problem, problem=where.problem)
    if not where.real.exists():
        return Current(where)
    try:
        raw = read_regular(where.real, path, MAX_FILE_BYTES)
    except WorkspaceError as error:
        return Current(where, digest=str(error), problem=str(error))
    digest = sha256(raw).hexdigest()
    try:
        text = decode(raw, path)
    except WorkspaceError as error:
        return Current(where, digest=digest, problem=str(error))
    return Current(where, text, digest, windows=b"\r\n" in raw)
