"""One request of the fuzz, in parts that can be changed one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING, build
from backend.exercise.contract import Operation
from backend.exercise.exchange import Call


class Wish(StrEnum):
    """What the contract says must happen."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    EITHER = "either"
    """The contract says nothing of it; it must only break nothing."""
    ABSENT = "absent"
    """404: there is no such row."""
    NOT_ALLOWED = "not allowed"
    """405 with ``Allow``: the path has no such method."""


@dataclass(frozen=True)
class Case:
    """A request before it is encoded."""

    operation: Operation
    caller: Caller
    wish: Wish = Wish.ACCEPT
    about: str = "valid"
    """What is special about it, as in ``body title: too long``."""
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = NOTHING
    raw_body: bytes | None = None
    """Instead of ``body``."""
    raw_query: str = ""
    """In addition to ``query``."""
    raw_segment: tuple[str, str] | None = None
    """A path parameter and its text as it stands in the address."""
    method: str = ""
    """Instead of the operation's."""
    twice: bool = False
    """It is sent twice; the second answer is the one that counts."""

    def call(self) -> Call:
        """The request."""
        built = build(
            self.operation, self.caller, path=self.path, query=self.query, headers=self.headers, body=self.body
        )
        if self.raw_body is not None:
            headers = {"content-type": "application/json", **built.headers}
            built = replace(built, headers=headers, body=self.raw_body)
        address = built.path
        if self.raw_segment is not None:
            name, text = self.raw_segment
            others = {key: value for key, value in self.path.items() if key != name}
            address = build(self.operation, self.caller, path=others).path.replace("{" + name + "}", text)
            address += built.path[built.path.index("?") :] if "?" in built.path else ""
        if self.raw_query:
            address += ("&" if "?" in address else "?") + self.raw_query
        return replace(built, path=address, method=self.method or built.method)
