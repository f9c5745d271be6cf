"""Names taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
UNCOUNTED = frozenset(
    "data metadata meta info information history content media list set queue stack group batch range series "
    "people children men women feet teeth mice indices vertices matrices criteria phenomena alumni evidence feedback "
    "equipment software hardware support traffic access body text html path tree array collection chain schedule "
    "stream log json raw all any any_of all_of one_of scope geometry bbox tuple vector embedding audience aud amr "
    "enum required include exclude select fields_mask in nin not or and order sort sort_by order_by by of for from to "
    "with without payload config input output cache inventory staff crew cast team audit".split()
)
"""Words that name many things, or that have no plural of their own."""


def words(name: str) -> list[str]:
    """The words of a name in lower case: ``createdAt`` and ``created_at`` are both ``created``, ``at``."""
    return [part.lower() for part in PARTS.findall(name)]


def collisions(names: Iterable[str], known: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names that are another one's in some casing, after that other: in snake case, or without regard to case.

    Args:
        names: of one space of names, each once.
        known: what was found out about names before; it grows.
    """
    seen: dict[str, str] = {}
    for name in names:
        keys = known.get(name)
        if keys is None:
            keys = known[name] = _keys(name)
        alike, spelt = seen.setdefault(keys[0], name), seen.setdefault(keys[1], name)
        if alike != name or spelt != name:
            yield (alike if alike != name else spelt), name


WORDS = re.compile(r"_*[A-Za-z][A-Za-z0-9_. -]*")


def _keys(name: str) -> tuple[str, str]:
    """The name in snake case, and in lower case; a leading underscore stays, as generators keep it."""
    low = name.lower()
    if not WORDS.fullmatch(name):
        return low, low
    return ("_" if name[0] == "_" else "") + "_".join(words(name)), low


def singular(name: str) -> bool:
    """Whether the last word of a name is plainly that of one thing."""
    found = words(name)
    if not found or not name.isascii() or not name.replace("_", "").isalnum():
        return False
    last = found[-1]
    return len(last) > 2 and not last.endswith(("s", "ing", "ed")) and last.isalpha() and last not in UNCOUNTED
