"""Strings as a schema asks for them: by format, by pattern, by length."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from backend.exercise.values.patterns import matching

LONGEST = 2000
"""Characters of a valid string whose schema names no limit."""

TEXTS = (
    "a",
    "O'Brien; DROP TABLE users;--",
    '<script>alert("1")</script>',
    "' OR '1'='1",
    "100% '_\\%",
    "'${7*7}{{7*7}}'",
    "../../etc/passwd",
    "null",
    '"true"\'',
    "-1'",
    "1e309",
    "l'Ünïcödé ß \u0130 \u0131",
    "日本語の'テキスト\"",
    "مرحبا\u202eabc",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "e\u0301\u0327 combining",
    "tab\tand\nline",
    "\u200bzero width\ufeff",
    "a  b's",
    "=cmd|' /C calc'!A0",
    "\U0010fffd",
)
"""Ordinary to a correct program, trouble for careless ones."""

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def token(random: Random, length: int = 10) -> str:
    """Letters and digits that do not come twice, as a rule."""
    return "".join(random.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(length))


def plain(random: Random, name: str, least: int, most: int | None) -> str:
    """An ordinary, unique text of an allowed length; ``name`` is the field's."""
    text = f"{name.replace('_', ' ')} {token(random)}".strip()
    if most is not None and len(text) > most:
        text = token(random, most)
    return text + "x" * (least - len(text))


def odd(random: Random, least: int, most: int | None) -> str:
    """A text of an allowed length, at its bounds or with characters that need care."""
    top = LONGEST if most is None else most
    kind = random.random()
    if kind < 0.2:
        return _of_length(random, least)
    if kind < 0.35 and top <= 20_000:
        return _of_length(random, top)
    text = random.choice(TEXTS) if kind < 0.8 else f"{random.choice(TEXTS)} {token(random)}"
    return (text + "x" * (least - len(text)))[:top]


def _of_length(random: Random, length: int) -> str:
    return token(random, min(length, 12)) + "x" * (length - 12)


def _instant(random: Random) -> datetime:
    return EPOCH + timedelta(seconds=random.randrange(3 * 365 * 86_400))


def _date_time(random: Random) -> str:
    moment = _instant(random).strftime("%Y-%m-%dT%H:%M:%S")
    return moment + random.choice(("Z", "Z", "Z", ".123456Z", ".5Z", "+00:00", "+14:00", "-11:30"))


def _email(random: Random) -> str:
    return f"{token(random)}@{token(random, 4)}.example.com"


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


FORMATS: Mapping[str, Callable[[Random], str]] = {
    "uuid": _uuid,
    "date-time": _date_time,
    "date": lambda random: _instant(random).strftime("%Y-%m-%d"),
    "time": lambda random: _instant(random).strftime("%H:%M:%SZ"),
    "duration": lambda random: f"PT{random.randint(1, 59)}M",
    "email": _email,
    "idn-email": _email,
    "uri": lambda random: f"https://example.com/{token(random)}",
    "url": lambda random: f"https://example.com/{token(random)}",
    "uri-reference": lambda random: f"/{token(random)}",
    "hostname": lambda random: f"{token(random)}.example.com",
    "ipv4": lambda random: f"192.0.2.{random.randint(1, 254)}",
    "ipv6": lambda random: f"2001:db8::{random.randint(1, 0xFFFF):x}",
    "byte": lambda random: base64.b64encode(token(random).encode()).decode(),
    "regex": lambda random: token(random),
    "json-pointer": lambda random: f"/{token(random)}",
}
"""Formats of JSON Schema and OpenAPI (RFC 3339, 4122, 5321, 3986 ...), each with what makes a value of it."""


def by_pattern(random: Random, pattern: str, least: int, most: int | None, simple: bool) -> str | None:
    """A matching string; ``simple`` prefers those long enough not to come twice, else odd texts that match do."""
    wished = least
    if simple:
        wished = max(least, 8 if most is None else min(8, most))
    elif random.random() < 0.7:
        text = odd(random, least, most)
        if re.search(pattern, text):
            return text
    found = matching(pattern, random, wished, most)
    if simple and found is not None and found.startswith("-") and re.search(pattern, found[1:]):
        found = found[1:]  # an amount, most likely; few of them may be negative
    return found if found is not None else matching(pattern, random, least, most)
