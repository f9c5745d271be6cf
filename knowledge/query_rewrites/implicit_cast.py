"""A cast around a column, where the literal could have been of the column's type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    Scope,
    conjuncts,
    copied,
    literal,
    operator_of,
    select_of,
    set_where,
    sql_of,
    text_of,
)
from knowledge.schema import Schema

_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_CANONICAL = re.compile(r"0|-?[1-9]\d*")
_WHOLE = re.compile(r"(-?\d+)\.0*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
TEXTS, NUMBERS = frozenset({"text", "varchar"}), frozenset({"numeric", "int8", "int4", "float8"})


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """All such conditions of the WHERE, at once."""
    select = select_of(sql)
    if select is None:
        return
    select = copied(select)
    scope = Scope(select, schema)
    parts = conjuncts(select.where_clause)
    changed = [_uncast(part, scope) for part in parts]
    if not any(changed):
        return
    set_where(select, [new or text_of(part) for new, part in zip(changed, parts, strict=True)])
    yield Rewrite(
        sql_of(select), "compared in the column's own type an index on it can be used; cast, every row is converted"
    )


def _uncast(part: Any, scope: Scope) -> str:
    operator = operator_of(part)
    if operator not in COMPARISONS:
        return ""
    left, right = part.a_expr.lexpr, part.a_expr.rexpr
    kind, column = "", left
    if left.WhichOneof("node") == "type_cast":
        kind, column = left.type_cast.type_name.names[-1].string.sval, left.type_cast.arg
        if left.type_cast.type_name.typmods or left.type_cast.type_name.array_bounds:
            return ""
    reach, value = scope.column(column), literal(right)
    if reach is None or value is None or right.WhichOneof("node") == "type_cast":
        return ""
    own = reach.column.type
    name = text_of(column)
    if own in _LIMITS:
        bare = right.a_const.WhichOneof("val") != "sval"
        number = _number(value, kind, bare)
        if number is None or abs(number) >= _LIMITS[own] or (kind in TEXTS and operator not in ("=", "<>")):
            return ""
        return f"{name} {operator} {number}"
    if own == "uuid" and kind in TEXTS and operator in ("=", "<>") and _UUID.fullmatch(value):
        return f"{name} {operator} '{value}'"
    return ""


def _number(value: str, kind: str, bare: bool) -> int | None:
    """The whole number that a literal beside an integer column (cast to ``kind``, if at all) stands for."""
    if kind in TEXTS:
        return int(value) if not bare and _CANONICAL.fullmatch(value) else None
    if kind not in NUMBERS and kind:
        return None
    if kind == "float8" and abs(float(value)) >= 2**53:
        return None
    if match := _WHOLE.fullmatch(value):
        return int(match[1]) if bare else None
    return int(value) if kind and bare and _CANONICAL.fullmatch(value) else None


REWRITE = QueryRewrite(
    id="cast_off_column",
    claim="column::text = '5' is column = 5, and column = 5.0 too.",
    why="A cast around an indexed column, written or implied by a literal of a wider type, hides it from its index.",
    unless="The literal is not a value of the column's type in its usual spelling.",
    tables="CREATE TABLE a (id bigint PRIMARY KEY, x int);",
    before="SELECT x FROM a WHERE id::text = '5'",
    after="SELECT x FROM a WHERE id = 5",
    propose=propose,
)
