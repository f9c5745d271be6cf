"""Input that no schema speaks of: it may be refused or accepted, but must not break anything."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from backend.exercise.schemas import Schema
from backend.exercise.values.strings import TEXTS

STRINGS = ("\x00", "a\x00b", "\ud800", "\udfff tail", "x" * 100_000, "\r\nX-Injected: 1", "\x1b[31m", "\uffff")
NUMBERS = (2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 1e308, -0.0, 5e-324, float("nan"), float("inf"))
DEEP = 2_000
BIG = 1_500_000


def deep(levels: int = DEEP) -> bytes:
    """Arrays in arrays; recursive programs do not like it."""
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


BODIES: Mapping[str, bytes] = {
    "no body": b"",
    "broken JSON": b'{"a": ',
    "two documents": b"{}{}",
    "bytes that are no UTF-8": b'{"a": "\xff\xfe"}',
    "NaN": b'{"a": NaN}',
    "deep nesting": deep(),
    "over 1 MB": b'{"a": "' + b"x" * BIG + b'"}',
    "a number of 5000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"a": 1, "a": 2}',
    "null": b"null",
    "a string": b'"text"',
    "an array": b"[]",
    "byte order mark": b"\xef\xbb\xbf{}",
}
"""Whole request bodies, by what they are."""

REFUSABLE = frozenset({"broken JSON", "two documents", "bytes that are no UTF-8"})
"""Those that are JSON by no reading (RFC 8259): accepting them is a fault."""

CONTENT_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "", "x/")
"""Under which a JSON body is sent although the contract names another type."""

ACCEPTS = ("application/xml", "text/html;q=0.9, */*;q=0.1", "*/*", "garbage", "image/png, application/json;q=0")
QUERIES = (*("%00", "%FF%FE", "%ED%A0%80", "a=1&a=2", "%", "&&=&", "a[]=1&a[b]=2", "x" * 8000, "%F0%9F%92%A9=1"),)
"""Raw query strings."""

SEGMENTS = (
    "%00",
    "%FF",
    "..%2F..%2Fetc%2Fpasswd",
    "%2E%2E",
    "x" * 2000,
    "%F0%9F%92%A9",
    "0",
    "-1",
    "null",
    "%27%20OR%201=1--",
)
"""Raw path segments, encoded as a client would send them."""


def part(schema: Schema, random: Random) -> Any:
    """A value of a schema's type that stretches what storage and arithmetic can hold."""
    if schema.get("type") in ("integer", "number"):
        return random.choice(NUMBERS)
    if schema.get("type") == "string" or "enum" in schema:
        return random.choice(STRINGS + TEXTS)
    return random.choice((*STRINGS[:3], NUMBERS[4], {"$ne": None}, {"__proto__": {"x": 1}}, [[]], None))
