"""Names of tables and columns in the case that object mappers use."""

from __future__ import annotations

import re


def camel(name: str) -> str:
    """``order_line`` as ``orderLine``; the underscore before a digit stays, so that no two names become one."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def pascal(name: str) -> str:
    """``order_line`` as ``OrderLine``."""
    return name[:1].upper() + camel(name)[1:]


def free(wanted: list[str], taken: set[str]) -> str:
    """The first of the wanted names that is free, or the last with a number; it is taken from here on."""
    number, name = 2, next((name for name in wanted if name not in taken), "")
    while not name:
        numbered = f"{wanted[-1]}_{number}"
        name = "" if numbered in taken else numbered
        number += 1
    taken.add(name)
    return name
