"""The words of a name, and the casing that most names have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
CASES = (
    ("kebab", re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")),
    ("snake", re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")),
    ("camel", re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)+")),
    ("pascal", re.compile(r"[A-Z][A-Za-z0-9]*")),
)


def words(name: str) -> list[str]:
    """The words of a name in lower case, whatever its casing; the name itself where it has none."""
    return [part.lower() for part in PARTS.findall(name)] or [name.lower()]


def common_case(names: Iterable[str]) -> str:
    """The casing that most names of several words have (``kebab``, ``snake``, ``camel``, ``pascal``); empty if none."""
    counts = Counter(case for name in names for case, shape in CASES if shape.fullmatch(name))
    return counts.most_common(1)[0][0] if counts else ""
