"""What a schema says and a blueprint cannot, or says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Note:
    """One difference between a table and the resource made of it; ``subject`` is as in ``public.users.email``."""

    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"


@dataclass
class Notes:
    """Notes in the order in which they come up, none twice."""

    _found: dict[Note, None] = field(default_factory=dict)

    def add(self, subject: str, text: str) -> None:
        """Remember a note."""
        self._found[Note(subject, text)] = None

    def all(self) -> tuple[Note, ...]:
        """Every note so far."""
        return tuple(self._found)
