"""B-tree pages that give an empty index the height of a full one.

The planner charges each descent by the height in the metapage (``_bt_getrootheight``), and probes the ends of
an index for real values. So the metapage names a root of the wished level, and below it stands a chain of
pages with one downlink each, down to an empty leaf: a tree without keys that every reader can descend.
Formats: src/include/storage/bufpage.h, access/itup.h, access/nbtree.h (B-tree version 4).
"""

from __future__ import annotations

import struct

from knowledge.statistics import BLOCK_SIZE

HIGHEST = 16
"""More levels than any B-tree of 2**32 pages needs."""

_PAGE_HEADER = struct.Struct("=QHHHHHHI")
_META = struct.Struct("=IIIIII")
_OPAQUE = struct.Struct("=IIIHH")
_MAGIC = 0x053162
_VERSION = 4
_LAYOUT = BLOCK_SIZE | 4
"""``pd_pagesize_version``: page size and layout version 4."""
_SPECIAL = BLOCK_SIZE - _OPAQUE.size
_LEAF, _ROOT = 1, 2
_PIVOT = 0x2000
"""``INDEX_ALT_TID_MASK``: the tuple's TID holds a downlink and the number of its attributes."""
_TUPLE_BYTES = 8
_NORMAL = 1
_EQUAL_IMAGE = _PAGE_HEADER.size + 40
"""Offset of ``btm_allequalimage``."""


class BtreePageError(ValueError):
    """A page is not the metapage of an empty B-tree."""


def has_equal_image(meta: bytes) -> bool:
    """Whether equal keys of this index look equal, so that duplicates are stored once (deduplication)."""
    _check(meta)
    return bool(meta[_EQUAL_IMAGE])


def with_height(meta: bytes, height: int) -> bytes:
    """The first pages of an index: ``meta`` pointing at a root of level ``height``, and the chain below it.

    Args:
        meta: the metapage of an index without entries.
        height: levels above the leaves, at least 1: an index of height 0 needs no pages.

    Raises:
        BtreePageError: ``meta`` is no such page, or the height is out of bounds.
    """
    magic, version, root, *_ = _check(meta)
    if root:
        raise BtreePageError("the index has entries")
    if not 1 <= height <= HIGHEST:
        raise BtreePageError(f"no B-tree has height {height}")
    start = _PAGE_HEADER.size
    fields = _META.pack(magic, version, 1, height, 1, height)
    patched = meta[:start] + fields + meta[start + len(fields) :]
    inner = [_inner(1 + step, height - step, is_root=step == 0) for step in range(height)]
    return b"".join([patched, *inner, _leaf()])


def _check(meta: bytes) -> tuple[int, ...]:
    if len(meta) != BLOCK_SIZE:
        raise BtreePageError("the file has no metapage")
    fields = _META.unpack_from(meta, _PAGE_HEADER.size)
    if fields[:2] != (_MAGIC, _VERSION):
        raise BtreePageError("not the metapage of a B-tree of version 4")
    return fields


def _inner(block: int, level: int, *, is_root: bool) -> bytes:
    """A page with one tuple: no key ("minus infinity") and the downlink to the next block."""
    child = block + 1
    offset = _SPECIAL - _TUPLE_BYTES
    item = struct.pack("=HHHH", child >> 16, child & 0xFFFF, 0, _PIVOT | _TUPLE_BYTES)
    pointer = struct.pack("=I", offset | _NORMAL << 15 | _TUPLE_BYTES << 17)
    return _page(pointer, item, level, _ROOT if is_root else 0)


def _leaf() -> bytes:
    return _page(b"", b"", 0, _LEAF)


def _page(pointers: bytes, items: bytes, level: int, flags: int) -> bytes:
    """A page that is the only one of its level: neither neighbours nor a high key."""
    lower, upper = _PAGE_HEADER.size + len(pointers), _SPECIAL - len(items)
    header = _PAGE_HEADER.pack(0, 0, 0, lower, upper, _SPECIAL, _LAYOUT, 0)
    return header + pointers + bytes(upper - lower) + items + _OPAQUE.pack(0, 0, level, flags, 0)
