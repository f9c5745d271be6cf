"""The lists of structured fields that rate limits are told in (RFC 9651): strings with integers as parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
PARAMETER = re.compile(r";[ ]*([a-z*][a-z0-9_.*-]*)=(-?\d{1,15})(?![\d.])")
COMMA = re.compile(r"[ \t]*,[ \t]*")


@dataclass(frozen=True)
class Item:
    """One member, as ``"default";r=99;t=60``."""

    name: str
    parameters: dict[str, int]


def items(text: str) -> list[Item]:
    """The members of a field value.

    Raises:
        ValueError: it is no such list.
    """
    found, place, text = [], 0, text.strip(" ")
    while True:
        name = NAME.match(text, place)
        if name is None:
            raise ValueError(f"no string at {text[place : place + 20]!r}")
        place, parameters = name.end(), {}
        while match := PARAMETER.match(text, place):
            parameters[match[1]] = int(match[2])
            place = match.end()
        found.append(Item(name[1], parameters))
        if place == len(text):
            return found
        comma = COMMA.match(text, place)
        if comma is None:
            raise ValueError(f"neither a comma nor a parameter with an integer at {text[place : place + 20]!r}")
        place = comma.end()
