"""What evaluating a condition costs by PostgreSQL's reckoning, in units of ``cpu_operator_cost``.

src/backend/optimizer/path/costsize.c, cost_qual_eval: each operator and function counts its ``procost`` (1 for nearly
all built-in ones), AND, OR, NOT, IS NULL and constants count nothing, an array of constants half an operator for each
element, or a hash and a comparison from nine elements on; a cast counts the function behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import postgast
from google.protobuf.message import DecodeError, Message

from knowledge.formats.sql_depth import too_deep
from knowledge.formats.statistics.array_literal import ArrayError, elements
from knowledge.formats.statistics.type_widths import plain_type
from knowledge.type_names import type_text

HASHED_FROM = 9
"""Elements from which an array is searched by hashing (MIN_ARRAY_SIZE_FOR_HASHED_SAOP)."""
MAX_CHARACTERS = 100_000
_UNKNOWN_LENGTH = 10
"""Elements of an array that the planner does not know (estimate_array_length)."""

_TEXTS = frozenset({"text", "character varying", "name", "citext"})
_COUNTED = frozenset({"AEXPR_OP", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_NULLIF"})


def parsed(condition: str) -> Any:
    """The syntax tree of a condition as EXPLAIN prints it; ``None`` where it cannot be read (subplans)."""
    if not condition or len(condition) > MAX_CHARACTERS or too_deep(condition):
        return None
    try:
        tree = postgast.parse(f"SELECT 1 WHERE {condition}")
    except (postgast.PgQueryError, DecodeError):
        return None
    if len(tree.stmts) != 1:
        return None
    return tree.stmts[0].stmt.select_stmt.where_clause


def operators(condition: str, type_of: Callable[[str], str]) -> float | None:
    """The cost of a condition in operators; ``None`` where it cannot be told.

    Args:
        condition: as EXPLAIN prints it; ``""`` costs nothing.
        type_of: the type of a column of the table by name, ``""`` where unknown.
    """
    if not condition:
        return 0.0
    tree = parsed(condition)
    return None if tree is None else _cost(tree, type_of)


def _cost(node: Message, type_of: Callable[[str], str]) -> float:
    name = node.DESCRIPTOR.name
    below = sum(_cost(child, type_of) for child in _children(node))
    if name == "A_Expr":
        kind = _kind(node)
        if kind in _COUNTED:
            return below + 1
        if kind in ("AEXPR_OP_ANY", "AEXPR_OP_ALL"):
            return below + _array(node)
    if name in ("FuncCall", "MinMaxExpr", "SQLValueFunction"):
        return below + 1
    if name == "TypeCast":
        return below + _cast(node, type_of)
    return below


def _children(node: Message) -> Iterator[Message]:
    for field, value in node.ListFields():
        if field.type != field.TYPE_MESSAGE or field.name == "type_name":
            continue
        yield from value if field.is_repeated else (value,)


def _array(node: Any) -> float:
    array = node.rexpr
    if array.HasField("a_array_expr"):
        return len(array.a_array_expr.elements) / 2
    count = _UNKNOWN_LENGTH
    if array.HasField("type_cast"):
        try:
            count = len(elements(array.type_cast.arg.a_const.sval.sval))
        except ArrayError:
            count = _UNKNOWN_LENGTH
    is_hashed = count >= HASHED_FROM and _kind(node) == "AEXPR_OP_ANY" and node.name[-1].string.sval == "="
    return 2.0 if is_hashed else count / 2


def _kind(node: Any) -> str:
    return str(node.DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number[node.kind].name)


def _cast(node: Any, type_of: Callable[[str], str]) -> float:
    source = column_of(node.arg)
    if not source:
        return 0.0
    before, after = plain_type(type_of(source))[0], plain_type(type_text(node.type_name))[0]
    if not before or before == after or (before in _TEXTS and after in _TEXTS):
        return 0.0
    return 2.0 if after in _TEXTS and before != "character" else 1.0


def column_of(node: Any) -> str:
    """The column that a node is, ``""`` for anything else."""
    if not node.HasField("column_ref") or not node.column_ref.fields[-1].HasField("string"):
        return ""
    return str(node.column_ref.fields[-1].string.sval)
