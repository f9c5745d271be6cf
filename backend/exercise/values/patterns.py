"""Strings that match a regular expression."""

from __future__ import annotations

import re
import string
from random import Random
from typing import Any

PRINTABLE = string.ascii_letters + string.digits + "_-. "
CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": string.ascii_letters + string.digits,
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_NOT_WORD": " -.",
}
USUAL_REPEAT = 10
TRIES = 30


def matching(pattern: str, random: Random, least: int = 0, most: int | None = None) -> str | None:
    """A string that matches ``pattern`` and has ``least`` to ``most`` characters, or ``None`` if none was found.

    What the parser of :mod:`re` gives is walked; look-arounds are left to chance and the result is always checked.
    """
    try:
        expression = re.compile(pattern)
        parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    except (re.error, RecursionError, OverflowError):
        return None
    for attempt in range(TRIES):
        walker = _Walker(random, longest=max(USUAL_REPEAT, least) if attempt < TRIES // 2 else 2, least=least)
        try:
            text = walker.sequence(parsed)
        except _Unknown:
            return None
        if most is not None and len(text) > most:
            text = text[:most]
        if len(text) >= least and expression.search(text):
            return text
    return None


class _Unknown(Exception):
    """A part of an expression that cannot be made up, as a reference to a group."""


class _Walker:
    def __init__(self, random: Random, longest: int, least: int) -> None:
        self._random, self._longest, self._least = random, longest, least

    def sequence(self, parsed: Any) -> str:
        return "".join(self._part(str(operator), argument) for operator, argument in parsed)

    def _part(self, operator: str, argument: Any) -> str:
        match operator:
            case "LITERAL":
                return chr(argument)
            case "NOT_LITERAL":
                return self._random.choice([each for each in PRINTABLE if each != chr(argument)])
            case "ANY":
                return self._random.choice(PRINTABLE)
            case "IN":
                return self._one_of(argument)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                top = max(min(most, max(self._longest, least)), least)
                wished = max(least, min(self._least, top))
                return "".join(self.sequence(inner) for _ in range(self._random.randint(wished, top)))
            case "SUBPATTERN":
                return self.sequence(argument[3])
            case "ATOMIC_GROUP":
                return self.sequence(argument)
            case "BRANCH":
                return self.sequence(self._random.choice(argument[1]))
            case "AT" | "ASSERT" | "ASSERT_NOT":
                return ""
        raise _Unknown(operator)

    def _one_of(self, members: Any) -> str:
        negated = str(members[0][0]) == "NEGATE"
        characters = {character for member in members for character in self._members(str(member[0]), member[1])}
        if negated:
            return self._random.choice([each for each in PRINTABLE if each not in characters] or ["~"])
        return self._random.choice(sorted(characters)) if characters else ""

    def _members(self, operator: str, argument: Any) -> str:
        match operator:
            case "LITERAL":
                return chr(argument)
            case "RANGE":
                return "".join(chr(code) for code in range(argument[0], min(argument[1], argument[0] + 200) + 1))
            case "CATEGORY":
                return CATEGORIES[str(argument)]
        return ""
