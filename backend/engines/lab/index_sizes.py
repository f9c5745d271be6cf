"""How many pages an index will have, from the widths and the number of different values of its columns.

Models of what CREATE INDEX writes: src/backend/access/nbtree/nbtsort.c and nbtdedup.c for B-trees (fill factor,
suffix truncation, posting lists), hash/hashpage.c, brin/brin_revmap.c, gin/ginpostinglist.c, gist/gistbuild.c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from backend.engines.lab.relations import IndexRelation, Key
from knowledge.statistics import BLOCK_SIZE

_PAGE_HEADER, _LINE_POINTER, _TUPLE_HEADER, _TID = 24, 4, 8, 6
_ROOM = BLOCK_SIZE - _PAGE_HEADER - 16
"""Of a page with the special space of B-tree, hash and GiST."""
_INNER_FILL, _LEAF_FILL, _HASH_FILL = 70, 90, 75
_GIST_FILL = 70
_MOST_POSTING = BLOCK_SIZE // 10 // 8 * 8 - _LINE_POINTER
"""Bytes of the largest posting list that a build makes."""
_ALIGNMENT = {"c": 1, "s": 2, "i": 4, "d": 8}
_SPREAD = 0.25
"""How far lengths that vary are assumed to lie from their average, as a share of it."""
_SAMPLES = 9
_REVMAP_ITEMS = 1_360
_GIN_ENTRIES = 40_000
"""Most different trigrams or words that a table of ordinary text has."""
_HEAPS = 20.0
"""Different words of a text of n words are some 20 times the root of n (Heaps' law)."""
_GIN_KEY = 12
"""Bytes of a key with its list's header."""
_GIN_INLINE = 1_350
"""Bytes of a list of rows that stays in its entry (GinMaxItemSize / 2)."""
_GIN_ENTRY_FILL = 0.7
_HASH_WHOLE_DOUBLINGS = 512
"""Buckets up to which a hash index doubles at once; then in four steps (_hash_spareindex)."""
_WORD = 8.0
"""Characters of a lexeme or of a JSON key or value, on average."""


@dataclass(frozen=True)
class Content:
    """What goes into an index."""

    rows: float
    """Rows that it indexes (of a partial one those that its predicate takes)."""
    distinct: float
    """Different keys among them."""
    widths: tuple[float, ...]
    """Average bytes of each column, headers of variable lengths included."""
    nulls: float = 0.0
    """Fraction of NULL keys, of an index of one column."""
    frequencies: tuple[float, ...] = ()
    """Of the most common values, of an index of one column."""
    equal_image: bool = False
    """Whether equal keys are merged into posting lists."""
    heap_pages: int = 0
    elements: float = 0.0
    """Keys a value is broken into (GIN), 0 where unknown."""
    known_elements: int = 0
    """Different ones of them (GIN), 0 where unknown."""


@dataclass(frozen=True)
class IndexSize:
    """Pages of the file, and levels above the leaves of a B-tree (-1 for another method)."""

    pages: int
    height: int = -1


def index_size(index: IndexRelation, content: Content) -> IndexSize:
    """The size of ``index`` as CREATE INDEX would leave it."""
    if content.rows < 1 and index.method != "brin":
        return IndexSize(1, 0) if index.method == "btree" else IndexSize(2)
    match index.method:
        case "btree":
            return _btree(index, content)
        case "hash":
            return IndexSize(_hash_pages(index, content))
        case "brin":
            return IndexSize(_brin_pages(index, content))
        case "gin":
            return IndexSize(_gin_pages(index, content))
        case _:
            return IndexSize(_other_pages(index, content))


def height_of(pages: int, index: IndexRelation, widths: tuple[float, ...]) -> int:
    """The height of a B-tree of that many pages that rows have filled: its root is split only when it is full."""
    item = _tuple_bytes(index.keys, widths)
    full, usual = int(_ROOM // (item + _LINE_POINTER)), _fanout(item)
    level, height = math.ceil((pages - 1) * (1 - 1 / usual)), 0
    while level > 1:
        level = 1 if level <= full else math.ceil(level / usual)
        height += 1
    return height


def _btree(index: IndexRelation, content: Content) -> IndexSize:
    item = _tuple_bytes(index.keys, content.widths)
    fill = index.fill_factor or _LEAF_FILL
    room = _ROOM - BLOCK_SIZE * (100 - fill) // 100 - _LINE_POINTER
    merged = content.equal_image and not index.without_deduplication and content.distinct < content.rows
    if merged:
        items, size = _merged(content, item)
    else:
        items, size = content.rows, _with_nulls(content, item) * content.rows
    average = size / items
    per_page = room / average
    regular = not merged and not content.nulls and all(key.length > 0 for key in index.keys)
    leaves = math.ceil(items / max(1.0, math.floor(per_page) if regular else per_page - 0.5))
    height, inner = _levels(leaves, _fanout(item))
    return IndexSize(1 + leaves + inner, height)


def _with_nulls(content: Content, item: float) -> float:
    """Average bytes of an entry with its line pointer; a NULL costs a bitmap and no value."""
    return (1 - content.nulls) * (item + _LINE_POINTER) + content.nulls * (2 * _TUPLE_HEADER + _LINE_POINTER)


def _merged(content: Content, item: float) -> tuple[float, float]:
    """Entries and bytes where duplicates are merged."""
    groups = [(1.0, content.rows * frequency) for frequency in content.frequencies]
    groups.append((1.0, content.rows * content.nulls))
    rest = content.rows * max(0.0, 1 - content.nulls - sum(content.frequencies))
    others = content.distinct - len(content.frequencies)
    if rest >= 1:
        groups.append((max(1.0, min(others, rest)), rest / max(1.0, min(others, rest))))
    items = size = 0.0
    for number, rows in groups:
        if rows > 0:
            entries, taken = _group(rows, item)
            items += number * entries
            size += number * taken
    return max(1.0, items), size


def _group(rows: float, item: float) -> tuple[float, float]:
    """Entries and bytes of ``rows`` rows with the same key; between whole numbers both are interpolated."""
    low = math.floor(rows)
    if low != rows:
        share = rows - low
        under, over = _group(max(1, low), item), _group(low + 1, item)
        if low < 1:
            return over
        return (
            (1 - share) * under[0] + share * over[0],
            (1 - share) * under[1] + share * over[1],
        )
    most = max(1, int((_MOST_POSTING - item) // _TID))
    full, left = divmod(low, most)
    size = full * (_aligned(item + _TID * most) + _LINE_POINTER)
    if left:
        size += (item if left == 1 else _aligned(item + _TID * left)) + _LINE_POINTER
    return full + (left > 0), size


def _tuple_bytes(keys: tuple[Key, ...], widths: tuple[float, ...]) -> float:
    """An entry without its line pointer: header, aligned values, rounded up to 8 bytes."""
    offset = spread = 0.0
    for key, width in zip(keys, widths, strict=True):
        if key.length > 0:
            unit = _ALIGNMENT[key.align]
            offset = math.ceil(offset / unit) * unit + key.length
        else:
            offset += width
            spread = math.hypot(spread, width * _SPREAD)
    lengths = [offset + spread * (2 * step / (_SAMPLES - 1) - 1) for step in range(_SAMPLES)]
    return _TUPLE_HEADER + sum(map(_aligned, lengths)) / _SAMPLES


def _fanout(item: float) -> int:
    """Downlinks of an inner page as a build leaves it."""
    room = _ROOM - BLOCK_SIZE * (100 - _INNER_FILL) // 100 - _LINE_POINTER
    return max(2, int(room // (item + _LINE_POINTER)))


def _levels(leaves: float, fanout: int) -> tuple[int, int]:
    """Levels above the leaves, and their pages."""
    height = inner = 0
    pages = math.ceil(leaves)
    while pages > 1:
        pages = math.ceil(pages / fanout)
        inner += pages
        height += 1
    return height, inner


def _hash_pages(index: IndexRelation, content: Content) -> int:
    item = _aligned(_TUPLE_HEADER + 4) + _LINE_POINTER
    target = max(10, BLOCK_SIZE * (index.fill_factor or _HASH_FILL) // 100 // item)
    wanted = max(2, math.ceil(content.rows / target))
    half = 1 << (math.ceil(math.log2(wanted)) - 1)
    steps = (4,) if wanted <= _HASH_WHOLE_DOUBLINGS else (1, 2, 3, 4)
    buckets = next(half + half * step // 4 for step in steps if half + half * step // 4 >= wanted)
    used = max(1.0, min(buckets, content.distinct))
    overflow = max(0.0, content.rows / used * item / _ROOM - 1) * used
    return 2 + buckets + math.ceil(overflow)


def _brin_pages(index: IndexRelation, content: Content) -> int:
    ranges = math.ceil(content.heap_pages / index.pages_per_range)
    item = _aligned(_TUPLE_HEADER + 2 * sum(_widths(index, content))) + _LINE_POINTER
    return 1 + max(1, math.ceil(ranges / _REVMAP_ITEMS)) + max(1, math.ceil(ranges * item / _ROOM))


def _widths(index: IndexRelation, content: Content) -> list[float]:
    return [
        float(key.length) if key.length > 0 else width for key, width in zip(index.keys, content.widths, strict=True)
    ]


def _gin_pages(index: IndexRelation, content: Content) -> int:
    """Entries in a B-tree, and behind each a compressed list of rows (varbyte-coded distances)."""
    entry_pages = data_pages = 0.0
    for key, width in zip(index.keys, content.widths, strict=True):
        elements = (len(index.keys) == 1 and content.elements) or _elements(key, width)
        postings = max(1.0, content.rows * (1 - content.nulls) * elements)
        entries = max(1.0, min(content.known_elements or _entries(key, postings), postings))
        # A TID is 11 bits of offset below the block number; seven bits of a distance go into a byte.
        distance = max(2.0, min(content.rows, content.heap_pages * 2.0**11) / (postings / entries))
        size = postings / entries * math.ceil(math.log2(distance) / 7)
        inline = _GIN_KEY + (size if size <= _GIN_INLINE else _LINE_POINTER)
        entry_pages += entries * (_aligned(_TUPLE_HEADER + inline) + _LINE_POINTER) / (_ROOM * _GIN_ENTRY_FILL)
        data_pages += entries * math.ceil(size / _ROOM) if size > _GIN_INLINE else 0
    return 2 + math.ceil(entry_pages) + math.ceil(data_pages)


def _entries(key: Key, postings: float) -> float:
    """Different keys among so many: values of JSON are often unique, words and trigrams are not."""
    if key.operator_class.startswith("jsonb"):
        return postings / 2
    return min(_GIN_ENTRIES, postings / 2, _HEAPS * math.sqrt(postings))


def _elements(key: Key, width: float) -> float:
    """How many keys a value of that width is broken into."""
    if key.operator_class == "gin_trgm_ops":
        return max(1.0, width + 1)
    if key.operator_class == "jsonb_path_ops":
        return max(1.0, width / (2 * _WORD + 8))
    return max(1.0, width / (_WORD + 4))


def _other_pages(index: IndexRelation, content: Content) -> int:
    """GiST, SP-GiST, bloom and extensions' methods: entries in pages filled as inserts leave them."""
    item = _with_nulls(content, _aligned(_TUPLE_HEADER + sum(_widths(index, content))))
    leaves = math.ceil(content.rows * item / (_ROOM * _GIST_FILL / 100))
    return 1 + leaves + leaves // 50


def _aligned(size: float) -> float:
    return math.ceil(size / 8) * 8
