"""Lists of values as the libraries print them: Python tuples and dicts, JSON arrays, PostgreSQL's ``$1 = 'x'``."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

LONGEST = 100_000
_NUMBERED = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


def printed(text: str) -> tuple[str, ...]:
    """The values of ``(5, 'a')``, ``{'id_1': 5}``, ``[5, "a"]`` in order; ``()`` where it is none of these."""
    text = text.strip()
    if len(text) > LONGEST:
        return ()
    try:
        return _texts(json.loads(text))
    except (ValueError, RecursionError):
        pass
    try:
        return _texts(ast.literal_eval(text))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return tuple(part.strip() for part in text.strip("()[]").split(",") if part.strip())


def numbered(text: str) -> tuple[str, ...]:
    """The values of ``$1 = 'x', $2 = NULL``, by number."""
    found = {int(match[1]): match[2] for match in _NUMBERED.finditer(text)}
    return tuple(found.get(number, "") for number in range(1, max(found, default=0) + 1))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(map(_text, value.values()))
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return tuple(map(_text, value))
    return (_text(value),)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
