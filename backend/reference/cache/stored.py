"""A cached entry as bytes in Redis."""

from __future__ import annotations

import struct
from typing import NamedTuple

from .base import Entry

HEAD = struct.Struct(">16sddB")
"""Generation, fresh until, stale until, length of the entity tag; the tag and the body follow."""


class Stored(NamedTuple):
    """An entry, the generation it was loaded under, and until when it may be served (seconds since 1970)."""

    generation: bytes
    fresh_until: float
    stale_until: float
    entry: Entry


def encode(stored: Stored) -> bytes:
    """The bytes to keep."""
    etag = stored.entry.etag.encode("latin-1")
    return HEAD.pack(stored.generation, stored.fresh_until, stored.stale_until, len(etag)) + etag + stored.entry.body


def decode(value: bytes | None, generation: bytes) -> Stored | None:
    """What was kept, if it is of this generation and whole."""
    if value is None or len(value) < HEAD.size:
        return None
    kept_under, fresh_until, stale_until, length = HEAD.unpack_from(value)
    start = HEAD.size + length
    if kept_under != generation or len(value) < start:
        return None
    entry = Entry(value[start:], value[HEAD.size : start].decode("latin-1"))
    return Stored(kept_under, fresh_until, stale_until, entry)
