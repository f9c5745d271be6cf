"""LIKE and the order of strings: a plain B-tree serves ``LIKE 'abc%'`` only where strings are ordered byte by byte.

Our own servers order so (locale C). Most production databases do not, and there only an index with the
``pattern`` operator class serves.
"""

from __future__ import annotations

from collections.abc import Collection

from knowledge.plan.model import Plan
from knowledge.query.shape_model import Asked, QueryShape


def prefix_columns(shape: QueryShape) -> frozenset[str]:
    """Columns (or expressions) that the query compares with LIKE and a beginning."""
    conditions = [condition for use in shape.uses for condition in use.conditions]
    conditions += [condition for use in shape.uses for arm in use.alternatives for condition in arm]
    return frozenset(str(condition.key) for condition in conditions if condition.test is Asked.PREFIX)


def served_by_bytes(plan: Plan, columns: Collection[str]) -> frozenset[str]:
    """Indexes of the plan that serve a LIKE through the order of bytes.

    PostgreSQL makes ``a >= 'abc' AND a < 'abd'`` of it there; with a pattern operator class ``a ~>=~ 'abc'``.
    """
    if not columns:
        return frozenset()
    found = set()
    for node in plan.nodes:
        condition = node.text("Index Cond")
        if node.index and any(
            f"{column}{cast} >= '" in condition for column in columns for cast in ("", "::text", ")::text")
        ):
            found.add(node.index)
    return frozenset(found)
