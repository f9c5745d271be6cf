"""What every lab cannot know, said of the schema at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend.engines.lab.relations import IndexRelation
from knowledge.statistics import DatabaseStatistics

_TEXT = frozenset({"text", "character varying", "character", "citext"})


def general_differences(
    indexes: Iterable[IndexRelation], statistics: DatabaseStatistics, version: int
) -> Iterator[str]:
    """Differences that follow from the kind of the indexes and the origin of the statistics, in words."""
    indexes = list(indexes)
    if statistics.version and statistics.version != version:
        yield (
            f"the statistics come from PostgreSQL {statistics.version} and are planned by {version}:"
            " plans differ where the planners do"
        )
    if any(key.type in _TEXT for index in indexes if index.method == "btree" for key in index.keys if key.is_key):
        yield (
            "text is ordered bytewise here (collation C): under another collation a plain index serves"
            " neither LIKE 'prefix%' nor the same order"
        )
    if any(index.method in ("gin", "brin") for index in indexes):
        yield "GIN and BRIN indexes count in their files what is not here: their costs may be off by some percent"
    if any(index.method == "btree" for index in indexes):
        yield "the ends of indexes cannot be probed: conditions beyond the histogram are estimated from it alone"
