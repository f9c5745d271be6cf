"""Conditions of CHECK constraints as the limits they put on the values of a column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.ddl import enum_name, strings

_COMPARISONS = {">=": "minimum", ">": "minimum", "<=": "maximum", "<": "maximum"}
_MIRRORED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}
_LENGTHS = ("length", "char_length", "character_length")
LONGEST = 4_000
"""Characters of a condition beyond which it is not read."""


@dataclass(frozen=True)
class Limit:
    """``kind`` is values, minimum or maximum; ``of_length``: of the number of characters; ``open``: bound excluded."""

    column: str
    kind: str
    values: tuple[str, ...] = ()
    bound: Decimal = Decimal(0)
    of_length: bool = False
    open: bool = False


class _Unreadable(Exception):
    """A condition that is more than limits of single columns."""


def limits(definition: str) -> tuple[Limit, ...] | None:
    """The limits a constraint's definition sets (``CHECK (price >= 0 AND price < 100)``); ``None`` where it says
    anything else too."""
    text = re.sub(r"(?i)\A\s*check\s*|\s*not\s+(valid|enforced)\s*\Z", "", definition)
    tree = parsed(text)
    if tree is None:
        return None
    try:
        return tuple(_limits(tree))
    except _Unreadable:
        return None


def parsed(expression: str) -> Any | None:
    """The syntax tree of one SQL expression, or ``None``."""
    if not expression.strip() or len(expression) > LONGEST or "\0" in expression:
        return None
    try:
        statements = postgast.parse(f"SELECT {expression}").stmts
    except (postgast.PgQueryError, DecodeError, UnicodeEncodeError):
        return None
    if len(statements) != 1 or statements[0].stmt.WhichOneof("node") != "select_stmt":
        return None
    targets = statements[0].stmt.select_stmt.target_list
    return targets[0].res_target.val if len(targets) == 1 else None


def constant(node: Any) -> str | None:
    """The text of a literal, casts aside; ``None`` for anything else."""
    kind = node.WhichOneof("node")
    if kind == "type_cast":
        return constant(node.type_cast.arg)
    if kind == "a_expr" and not node.a_expr.HasField("lexpr") and strings(node.a_expr.name) == ("-",):
        inner = constant(node.a_expr.rexpr)
        return None if inner is None else f"-{inner}"
    if kind != "a_const" or node.a_const.isnull:
        return None
    value = node.a_const
    which = value.WhichOneof("val")
    if which == "boolval":
        return "true" if value.boolval.boolval else "false"
    if which == "ival":
        return str(value.ival.ival)
    found = {"fval": value.fval.fval, "sval": value.sval.sval}.get(which)
    return None if found is None else str(found)


def _limits(node: Any) -> Iterator[Limit]:
    kind = node.WhichOneof("node")
    if kind == "bool_expr" and enum_name(node.bool_expr, "boolop") == "AND_EXPR":
        for part in node.bool_expr.args:
            yield from _limits(part)
        return
    if kind == "bool_expr" and enum_name(node.bool_expr, "boolop") == "OR_EXPR":
        yield _alternatives(node.bool_expr.args)
        return
    if kind != "a_expr":
        raise _Unreadable
    expression = node.a_expr
    match enum_name(expression, "kind"):
        case "AEXPR_OP":
            yield _comparison(expression)
        case "AEXPR_IN":
            yield _values(expression.lexpr, expression.rexpr.list.items, strings(expression.name))
        case "AEXPR_OP_ANY":
            array = _uncast(expression.rexpr)
            if array.WhichOneof("node") != "a_array_expr":
                raise _Unreadable
            yield _values(expression.lexpr, array.a_array_expr.elements, strings(expression.name))
        case "AEXPR_BETWEEN":
            low, high = expression.rexpr.list.items
            name, of_length = _column(expression.lexpr)
            yield Limit(name, "minimum", bound=_number(low), of_length=of_length)
            yield Limit(name, "maximum", bound=_number(high), of_length=of_length)
        case _:
            raise _Unreadable


def _comparison(expression: Any) -> Limit:
    operator = "".join(strings(expression.name))
    left, right = expression.lexpr, expression.rexpr
    if constant(left) is not None:
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    if operator == "=":
        return _values(left, [right], ("=",))
    if operator not in _COMPARISONS:
        raise _Unreadable
    name, of_length = _column(left)
    return Limit(name, _COMPARISONS[operator], bound=_number(right), of_length=of_length, open=len(operator) == 1)


def _values(left: Any, items: Any, operator: tuple[str, ...]) -> Limit:
    name, of_length = _column(left)
    found = [constant(item) for item in items]
    if operator != ("=",) or of_length or None in found:
        raise _Unreadable
    return Limit(name, "values", values=tuple(str(value) for value in found))


def _alternatives(parts: Any) -> Limit:
    """``a = 1 OR a = 2``, as some tools write lists of values."""
    found = [limit for part in parts for limit in _limits(part)]
    if any(limit.kind != "values" or limit.column != found[0].column for limit in found):
        raise _Unreadable
    return Limit(found[0].column, "values", values=tuple(value for limit in found for value in limit.values))


def _column(node: Any) -> tuple[str, bool]:
    """The column that is compared, and whether its length is."""
    node = _uncast(node)
    kind = node.WhichOneof("node")
    if kind == "func_call" and strings(node.func_call.funcname)[-1] in _LENGTHS and len(node.func_call.args) == 1:
        return _column(node.func_call.args[0])[0], True
    if kind != "column_ref" or node.column_ref.fields[-1].WhichOneof("node") != "string":
        raise _Unreadable
    return str(node.column_ref.fields[-1].string.sval), False


def _uncast(node: Any) -> Any:
    while node.WhichOneof("node") == "type_cast":
        node = node.type_cast.arg
    return node


def _number(node: Any) -> Decimal:
    text = constant(node)
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        raise _Unreadable from None
    if not number.is_finite():
        raise _Unreadable
    return number
