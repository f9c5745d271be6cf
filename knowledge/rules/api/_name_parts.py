"""Names taken apart."""

from __future__ import annotations

import re

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


def folded(name: str) -> str:
    """A name without what generators change: case, hyphens, underscores, dots and blanks."""
    return name.lower().translate(_JOINED)


_JOINED = str.maketrans("", "", "_-. ")


def singular(name: str) -> bool:
    """Whether the last word of a name is plainly that of one thing."""
    found = words(name)
    if not found or not name.isascii() or not name.replace("_", "").isalnum():
        return False
    last = found[-1]
    return len(last) > 2 and not last.endswith(("s", "ing", "ed")) and last.isalpha() and last not in UNCOUNTED
