"""What is sent: one request or a weighted mix, encoded for the wire."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.exercise.exchange import Call

Make = Callable[[random.Random], Call]


@dataclass(frozen=True)
class Prepared:
    """A request as it goes over the wire."""

    name: str
    data: bytes
    head: bool = False
    """Whether its method is HEAD."""


@dataclass(frozen=True)
class Part:
    """One kind of request in a mix: a fixed one, or one that is built anew each time."""

    name: str
    make: Call | Make
    weight: float = 1.0


def encode(call: Call, authority: str) -> bytes:
    """The request as HTTP/1.1 (RFC 9112) for ``authority``, which is ``host:port``.

    Raises:
        ValueError: a method, path or header would break the framing.
    """
    lines = [f"{call.method} {call.path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    names = {name.lower() for name in call.headers}
    if "content-length" not in names and (call.body or call.method in ("POST", "PUT", "PATCH")):
        lines.append(f"Content-Length: {len(call.body)}")
    if call.body and "content-type" not in names:
        lines.append("Content-Type: application/json")
    if any("\r" in line or "\n" in line for line in lines) or " " in call.path or " " in call.method:
        raise ValueError(f"{call.method} {call.path!r} would break the framing of the request")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + call.body


def prepare(call: Call, authority: str, name: str = "") -> Prepared:
    """``call`` encoded once; ``name`` is what results are grouped by."""
    return Prepared(name or f"{call.method} {call.path}", encode(call, authority), call.method == "HEAD")


class Mix:
    """Requests drawn by weight, in an order that the seed fixes.

    Raises:
        ValueError: there is no part, or a weight is not above zero.
    """

    def __init__(self, parts: Sequence[Part], authority: str, seed: int = 0) -> None:
        if not parts or any(part.weight <= 0 for part in parts):
            raise ValueError("a mix needs parts, each with a weight above zero")
        self._random = random.Random(seed)
        self._authority = authority
        self._parts = [
            prepare(part.make, authority, part.name) if isinstance(part.make, Call) else part for part in parts
        ]
        self._weights = list(itertools.accumulate(part.weight for part in parts))

    def next(self) -> Prepared:
        """The next request."""
        parts = self._parts
        part = parts[0] if len(parts) == 1 else self._random.choices(parts, cum_weights=self._weights)[0]
        if isinstance(part, Prepared):
            return part
        assert not isinstance(part.make, Call)
        return prepare(part.make(self._random), self._authority, part.name)
