"""The comparisons in a plan's conditions, taken apart with PostgreSQL's own grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.formats.sql_depth import too_deep
from knowledge.identifiers import quoted
from knowledge.type_names import INTERNAL

LONGEST = 20_000
"""Characters of a condition that are read: a longer one is a list of values."""

_SUBPLAN = re.compile(r"\((?:hashed |rescan )?(?:SubPlan|InitPlan) [\w ]+\)(?:\.col\d+)?|\bCTE_\d+\b")
_STRINGS = frozenset({"text", "varchar", "bpchar", "name"})


@dataclass(frozen=True)
class Side:
    """One side of a comparison."""

    text: str
    columns: tuple[str, ...]
    """Columns it mentions, as ``table.column`` or ``column``."""
    bare: bool
    """Whether it is a column and nothing else, casts between string types aside."""
    cast: str = ""
    """The type a column and nothing else is cast to, or ``""``."""
    constant: str | None = None
    """The text of a literal, or ``None``."""


@dataclass(frozen=True)
class Comparison:
    """``left operator right``; ``= ANY`` counts as its operator."""

    left: Side
    operator: str
    right: Side


def comparisons(condition: str) -> tuple[Comparison, ...]:
    """The comparisons that a condition joins with AND; empty where it cannot be read.

    Plans write sub-plans in words that are not SQL: they are read as NULL.
    """
    if not condition or len(condition) > LONGEST:
        return ()
    sql = f"SELECT 1 WHERE {_SUBPLAN.sub('NULL', condition)}"
    if too_deep(sql):
        return ()
    try:
        tree = postgast.parse(sql)
    except (postgast.PgQueryError, DecodeError):
        return ()
    if len(tree.stmts) != 1:
        return ()
    return tuple(_compared(tree.stmts[0].stmt.select_stmt.where_clause))


def _compared(node: Any) -> Iterator[Comparison]:
    which = node.WhichOneof("node")
    if which == "bool_expr" and node.bool_expr.boolop == postgast.pg_query_pb2.AND_EXPR:
        for argument in node.bool_expr.args:
            yield from _compared(argument)
    elif which == "a_expr" and node.a_expr.name and node.a_expr.HasField("lexpr") and node.a_expr.HasField("rexpr"):
        found = node.a_expr
        yield Comparison(_side(found.lexpr), found.name[-1].string.sval, _side(found.rexpr))


def _side(node: Any) -> Side:
    columns = tuple(
        dict.fromkeys(_column(found) for found in postgast.find_nodes(node, postgast.pg_query_pb2.ColumnRef))
    )
    inner, cast = node, ""
    while inner.WhichOneof("node") == "type_cast":
        target = inner.type_cast.type_name.names[-1].string.sval
        if target not in _STRINGS or not cast:
            cast = target
        inner = inner.type_cast.arg
    which = inner.WhichOneof("node")
    constant = inner.a_const.sval.sval if which == "a_const" and inner.a_const.HasField("sval") else None
    is_column = which == "column_ref"
    return Side(
        text=_text(node),
        columns=columns,
        bare=is_column and (not cast or cast in _STRINGS),
        cast=INTERNAL.get(cast, cast) if is_column else "",
        constant=constant,
    )


def _column(found: Any) -> str:
    return ".".join(quoted(part.string.sval) for part in found.fields if part.WhichOneof("node") == "string")


def _text(node: Any) -> str:
    """The side as SQL, written by the grammar's own printer."""
    statement = postgast.parse("SELECT 1")
    statement.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    return str(postgast.deparse(statement)).removeprefix("SELECT ")
