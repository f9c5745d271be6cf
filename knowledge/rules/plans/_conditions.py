"""Reading the conditions of a plan: EXPLAIN prints them as SQL expressions, so PostgreSQL's grammar reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.ddl import enum_name, is_volatile
from knowledge.formats.sql_depth import too_deep

COMPARISONS = frozenset(("=", "<", ">", "<=", ">="))
"""Operators of B-tree's operator classes (manual, "B-Tree Behavior")."""

# (InitPlan 1).col1 and (hashed SubPlan 2) are no SQL. The first is computed once, as a parameter is; the second
# may differ for every row, as a volatile function does.
_INIT_PLAN = re.compile(r"\(InitPlan \w+\)(?:\.col\d+)?")
_SUBPLAN = re.compile(r"\((?:hashed )?SubPlan \w+\)(?:\.col\d+)?")


@dataclass(frozen=True)
class Column:
    """A column as a condition names it; ``table`` is the query's name for its table, ``""`` where none is given."""

    table: str
    name: str


@dataclass(frozen=True)
class Clause:
    """One condition of those joined by AND."""

    kind: str
    """``compare`` (an operator between a bare column and something without columns), ``join`` (between bare columns
    of two tables), ``null`` (IS [NOT] NULL of a bare column), ``or``, ``other``."""
    operator: str = ""
    """The operator of a ``compare`` or ``join``; ``in`` for ``= ANY`` of an array."""
    columns: tuple[Column, ...] = ()
    """The columns it names, each once, in their order."""

    @property
    def is_equality(self) -> bool:
        """Whether it compares a bare column by equality with a value."""
        return self.kind == "compare" and self.operator in ("=", "in")

    @property
    def is_indexable(self) -> bool:
        """Whether a plain B-tree index on its column can serve it."""
        return self.kind == "compare" and (self.operator in COMPARISONS or self.operator == "in")

    @property
    def tables(self) -> frozenset[str]:
        """The tables it names."""
        return frozenset(column.table for column in self.columns if column.table)


def clauses(condition: str) -> tuple[Clause, ...]:
    """The conditions joined by AND in a plan's ``Filter``, ``Index Cond``...; empty where it cannot be read."""
    return tuple(_clause(part) for part in _parts(condition))


def branches(condition: str) -> tuple[tuple[Column, ...], ...]:
    """The columns of each branch of the first OR among a condition's parts; empty where it has none."""
    alternatives = next((part for part in _parts(condition) if _is(part, "OR_EXPR")), None)
    return () if alternatives is None else tuple(_columns(branch) for branch in alternatives.bool_expr.args)


def columns_of(condition: str) -> tuple[Column, ...]:
    """All columns that a condition names, each once."""
    return tuple(dict.fromkeys(column for clause in clauses(condition) for column in clause.columns))


def names(columns: tuple[Column, ...]) -> str:
    """Column names between commas, each once."""
    return ", ".join(dict.fromkeys(column.name for column in columns))


def _parts(condition: str) -> list[Any]:
    """The trees of the conditions joined by AND."""
    if not condition:
        return []
    readable = _SUBPLAN.sub("subplan()", _INIT_PLAN.sub("$1", condition))
    if too_deep(readable):
        return []
    try:
        return _conjuncts(postgast.parse(f"SELECT 1 WHERE {readable}").stmts[0].stmt.select_stmt.where_clause)
    except (postgast.PgQueryError, DecodeError, IndexError):
        return []


def _is(node: Any, operator: str) -> bool:
    return node.WhichOneof("node") == "bool_expr" and enum_name(node.bool_expr, "boolop") == operator


def _conjuncts(node: Any) -> list[Any]:
    if _is(node, "AND_EXPR"):
        return [part for argument in node.bool_expr.args for part in _conjuncts(argument)]
    return [node]


def _clause(node: Any) -> Clause:
    columns = _columns(node)
    kind = node.WhichOneof("node")
    if _is(node, "OR_EXPR"):
        return Clause("or", columns=columns)
    if kind == "null_test" and _bare(node.null_test.arg):
        return Clause("null", columns=columns)
    if kind == "column_ref" or (_is(node, "NOT_EXPR") and _bare(node.bool_expr.args[0])):
        return Clause("compare", "=", columns)  # a boolean column is a comparison with true
    if kind != "a_expr":
        return Clause("other", columns=columns)
    return _comparison(node.a_expr, columns)


def _comparison(expression: Any, columns: tuple[Column, ...]) -> Clause:
    operator = expression.name[-1].string.sval
    form = enum_name(expression, "kind")
    sides = (expression.lexpr, expression.rexpr)
    bare = [_bare(side) for side in sides]
    if form == "AEXPR_OP" and all(bare):
        return Clause("join" if columns[0].table != columns[-1].table else "other", operator, columns)
    value = sides[1] if bare[0] else sides[0]
    if not any(bare) or _columns(value) or is_volatile(value):
        return Clause("other", columns=columns)
    if form == "AEXPR_OP_ANY" and operator == "=":
        return Clause("compare", "in", columns)
    return Clause("compare", operator, columns) if form == "AEXPR_OP" else Clause("other", columns=columns)


def _bare(node: Any) -> bool:
    """Whether it is a column, or one with a cast that EXPLAIN adds without a change of value (varchar as text)."""
    kind = node.WhichOneof("node")
    if kind == "type_cast":
        cast = node.type_cast
        return cast.type_name.names[-1].string.sval == "text" and _bare(cast.arg)
    return bool(kind == "column_ref")


def _columns(node: Any) -> tuple[Column, ...]:
    found = []
    for reference in postgast.find_nodes(node, postgast.pg_query_pb2.ColumnRef):
        parts = [field.string.sval for field in reference.fields if field.WhichOneof("node") == "string"]
        if parts:
            found.append(Column(parts[-2] if len(parts) > 1 else "", parts[-1]))
    return tuple(dict.fromkeys(found))
