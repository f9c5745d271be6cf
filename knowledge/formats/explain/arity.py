"""How many inputs each kind of node has: where text has lost its indentation, this is what tells."""

from __future__ import annotations

from knowledge.formats.explain.names import names_in

_MANY = 1_000_000
_NONE = names_in(
    """
    Seq Scan|Sample Scan|Index Scan|Index Only Scan|Bitmap Index Scan|Tid Scan|Tid Range Scan|Function Scan
    Table Function Scan|Values Scan|CTE Scan|WorkTable Scan|Named Tuplestore Scan
    """
)
_ONE = names_in(
    """
    Sort|Incremental Sort|Aggregate|Group|WindowAgg|Unique|LockRows|Limit|Hash|Materialize|Memoize|Result Cache|Gather
    Gather Merge|ProjectSet|Subquery Scan|Bitmap Heap Scan
    """
)
_TWO = frozenset(["Nested Loop", "Merge Join", "Hash Join", "Recursive Union"])


def inputs_of(kind: str) -> tuple[int, int]:
    """The least and the most inputs of a node of that kind; InitPlans and SubPlans are none."""
    if kind in _NONE:
        return 0, 0
    if kind in _ONE:
        return 1, 1
    if kind in _TWO:
        return 2, 2
    if kind == "SetOp":
        return 1, 2
    if kind == "Result":
        return 0, 1
    if kind == "ModifyTable":
        return 1, _MANY
    return 0, _MANY


def relationship(kind: str, place: int, inputs: int) -> str:
    """``Parent Relationship`` of the input at that place (from 0) of a node of that kind."""
    if kind in ("Append", "Merge Append", "BitmapAnd", "BitmapOr") or (kind == "ModifyTable" and inputs > 1):
        return "Member"
    if kind == "Subquery Scan":
        return "Subquery"
    if kind == "Custom Scan":
        return "child" if inputs == 1 else "children"
    return "Outer" if place == 0 else "Inner"
