"""The serialized forms of extended statistics, looked through before the server has to trust them.

The server checks little of them when it reads them back, for nobody but itself writes them. Formats:
src/backend/statistics/mvdistinct.c, dependencies.c, mcv.c.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_NDISTINCT, _DEPENDENCIES, _MOST_COMMON = 0xA352BFA4, 0xB4549A2C, 0xE1A651C2
_HEAD = struct.Struct("=III")
_DIMENSION = struct.Struct("=iiiiBxxx")
_MOST_ITEMS = 10_000
"""STATS_MCVLIST_MAX_ITEMS: the highest statistics target."""

Column = tuple[int, int, int, bool]
"""Of a statistics object: attribute number, type, ``typlen``, ``typbyval``."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, layout: struct.Struct | str) -> tuple[int, ...]:
        """The next fields; raises ``struct.error`` at the end of the data."""
        form = struct.Struct(layout) if isinstance(layout, str) else layout
        found = form.unpack_from(self.data, self.place)
        self.place += form.size
        return found


def is_ndistinct(data: bytes, columns: Sequence[Column]) -> bool:
    """Whether these are numbers of different combinations of those columns."""
    return _is_list(data, _NDISTINCT, "=di", columns)


def is_dependencies(data: bytes, columns: Sequence[Column]) -> bool:
    """Whether these are functional dependencies among those columns."""
    return _is_list(data, _DEPENDENCIES, "=dh", columns)


def _is_list(data: bytes, magic: int, item: str, columns: Sequence[Column]) -> bool:
    numbers = {column[0] for column in columns}
    reader = _Reader(data)
    try:
        kind, version, count = reader.take(_HEAD)
        if (kind, version) != (magic, 1) or not count:
            return False
        for _ in range(count):
            _, members = reader.take(item)
            if not 2 <= members <= len(columns) or not set(reader.take(f"={members}h")) <= numbers:
                return False
    except struct.error:
        return False
    return reader.place == len(data)


def is_most_common(data: bytes, columns: Sequence[Column]) -> bool:
    """Whether this is a list of common combinations of values of those columns, in their order."""
    reader = _Reader(data)
    try:
        kind, version, count = reader.take(_HEAD)
        (width,) = reader.take("=h")
        if (kind, version) != (_MOST_COMMON, 1) or not 0 < count <= _MOST_ITEMS or width != len(columns):
            return False
        if reader.take(f"={width}I") != tuple(column[1] for column in columns):
            return False
        dimensions = [reader.take(_DIMENSION) for _ in columns]
        if not all(_values(reader, *pair) for pair in zip(dimensions, columns, strict=True)):
            return False
        for _ in range(count):
            item = reader.take(f"={width}?dd{width}H")
            if any(not item[at] and item[-width + at] >= dimensions[at][0] for at in range(width)):
                return False
    except struct.error:
        return False
    return reader.place == len(data)


def _values(reader: _Reader, dimension: tuple[int, ...], column: Column) -> bool:
    """Whether the values of one column are as long as was said of them."""
    values, size, aligned, length, by_value = dimension
    if (length, bool(by_value)) != column[2:] or values < 0:
        return False
    start, room = reader.place, 0
    for _ in range(values):
        (bytes_of,) = (length,) if length > 0 else reader.take("=I")
        reader.place += bytes_of
        if reader.place > len(reader.data):
            return False
        room += 0 if by_value else -(-(bytes_of + (4 if length == -1 else 0)) // 8) * 8
    return reader.place - start == size and aligned >= room
