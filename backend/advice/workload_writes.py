"""What statements that write spend on keeping new indexes up. EXPLAIN does not count it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.advice.workload_model import Built
from knowledge.advice.existing import existing_indexes
from knowledge.advice.write_cost import blocking_columns, maintenance
from knowledge.plan.model import Plan
from knowledge.query.shape_model import QueryShape
from knowledge.schema import Relation
from knowledge.statistics import BLOCK_SIZE, DatabaseStatistics


@dataclass(frozen=True)
class Writes:
    """Rows of one table that one execution of a statement writes; the default writes nothing.

    ``existing`` has bytes and height of the indexes the table has already.
    """

    table: str = ""
    rows: float = 0.0
    role: str = "read"
    changed: frozenset[str] = frozenset()
    hot: bool = False
    """Whether its updates leave all existing indexes alone so far (HOT)."""
    existing: tuple[tuple[int, int], ...] = ()

    def upkeep(self, indexes: Sequence[Built]) -> float:
        """Planner's units that these new indexes add to one execution.

        An update that changes no indexed column writes to no index. One that changes a column of any index writes
        to all of them, the existing ones too: the first new index on a changed column pays for those as well.
        """
        mine = [each for each in indexes if each.candidate.table == self.table]
        if not mine or not self.rows:
            return 0.0
        if self.hot and not any(self.changed & blocking_columns(each.candidate) for each in mine):
            return 0.0
        entries = [(each.bytes, each.height) for each in mine]
        if self.hot:
            entries += self.existing
        return sum(maintenance(self.rows, size, height) for size, height in entries)


def writes_of(shape: QueryShape, plan: Plan, tables: Mapping[str, Relation], statistics: DatabaseStatistics) -> Writes:
    """What a statement writes, by the planner's estimate of the rows."""
    target = next((use for use in shape.uses if use.role != "read"), None)
    node = next((node for node in plan.nodes if node.kind == "ModifyTable"), None)
    if target is None or node is None or not node.children:
        return Writes()
    rows = node.children[0].estimated_rows
    table = tables.get(target.table)
    old = list(existing_indexes(table)) if table is not None else []
    blocked = frozenset[str]().union(*(blocking_columns(each.shape) for each in old))
    hot = target.role in ("update", "merge") and not target.changed & blocked
    schema = target.table.partition(".")[0]
    sizes = []
    for each in old:
        known = statistics.by_name.get(f"{schema}.{each.index.name}")
        sizes.append((known.bytes, known.height) if known is not None else (BLOCK_SIZE, 0))
    return Writes(target.table, rows, target.role, target.changed, hot, tuple(sizes))
