"""How many pages a table has where its statistics tell only its rows."""

from __future__ import annotations

import math

from knowledge.statistics import BLOCK_SIZE, RelationStatistics

_ROOM = BLOCK_SIZE - 24
_ROW_HEADER, _LINE_POINTER, _DEFAULT_WIDTH = 24, 4, 64


def heap_pages(relation: RelationStatistics) -> int:
    """Pages of the table's file."""
    if relation.pages or relation.relpages:
        return relation.pages or relation.relpages
    if relation.tuples <= 0:
        return 0
    width = sum(column.avg_width for column in relation.columns if not column.inherited) or _DEFAULT_WIDTH
    row = math.ceil((_ROW_HEADER + width) / 8) * 8 + _LINE_POINTER
    return math.ceil(relation.tuples / max(1, _ROOM // row))
