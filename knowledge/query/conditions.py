"""What a WHERE, ON or HAVING asks of each table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import enum_name
from knowledge.query.expressions import (
    GRAMMAR,
    bare_sql,
    constants_of,
    has_parameter,
    has_subquery,
    is_indexable,
    kind_of,
)
from knowledge.query.scope import Mention, Scope
from knowledge.query.shape_model import Asked, Condition, Constant, JoinKey, Key

_FLIPPED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=", "@>": "<@", "<@": "@>", "&&": "&&", "@@": "@@"}
_REGULAR = frozenset({"~", "~*"})
MAX_ARMS = 12
"""Arms of one OR that are looked at."""


def conjuncts(node: Any) -> Iterator[Any]:
    """The conditions between the ANDs."""
    kind = kind_of(node)
    if kind == "bool_expr" and node.bool_expr.boolop == GRAMMAR.AND_EXPR:
        for part in node.bool_expr.args:
            yield from conjuncts(part)
    elif kind:
        yield node


def read_conditions(node: Any, scope: Scope) -> None:
    """Enter all conditions of a WHERE or ON into the tables they are about."""
    for part in conjuncts(node):
        if _join(part, scope):
            continue
        read = condition_of(part, scope)
        if read is not None:
            read[0].conditions.append(read[1])
        elif kind_of(part) == "bool_expr" and part.bool_expr.boolop == GRAMMAR.OR_EXPR:
            _alternatives(part.bool_expr.args, scope)


def condition_of(node: Any, scope: Scope) -> tuple[Mention, Condition] | None:
    """One condition with the table it is about; ``None`` where it is about none or several."""
    match kind_of(node):
        case "a_expr":
            return _comparison(node, scope)
        case "null_test":
            test = Asked.NULL if enum_name(node.null_test, "nulltesttype") == "IS_NULL" else Asked.NOT_NULL
            return _about(node.null_test.arg, scope, test, node)
        case "boolean_test":
            asked = enum_name(node.boolean_test, "booltesttype")
            tests = {"IS_TRUE": Asked.TRUE, "IS_FALSE": Asked.FALSE}
            return _about(node.boolean_test.arg, scope, tests.get(asked, Asked.OTHER), node)
        case "column_ref":
            return _about(node, scope, Asked.TRUE, node)
        case "bool_expr" if node.bool_expr.boolop == GRAMMAR.NOT_EXPR:
            arg = node.bool_expr.args[0]
            return _about(arg, scope, Asked.FALSE if kind_of(arg) == "column_ref" else Asked.OTHER, node)
        case _:
            return None


def _about(arg: Any, scope: Scope, test: Asked, whole: Any) -> tuple[Mention, Condition] | None:
    found = scope.key(arg)
    if found is None:
        return None
    return found[0], Condition(test, found[1], _predicate(whole, scope))


def _comparison(node: Any, scope: Scope) -> tuple[Mention, Condition] | None:
    expression = node.a_expr
    kind, operator = enum_name(expression, "kind"), expression.name[-1].string.sval
    left, right = scope.key(expression.lexpr), scope.key(expression.rexpr) if kind == "AEXPR_OP" else None
    if left is not None and right is not None and left[0] is right[0]:
        return left[0], Condition(Asked.OTHER, left[1], _predicate(node, scope), (), operator)
    if left is None and right is not None:
        if operator not in _FLIPPED:
            return None
        operator, left, compared = _FLIPPED[operator], right, expression.lexpr
    elif left is not None and (right is None or right[0] is not left[0]):
        compared = expression.rexpr
    else:
        return None
    mention, key = left
    if any(owner is mention for owner, _ in scope.owners(compared) or ()):
        return mention, Condition(Asked.OTHER, key)
    constants = constants_of(compared)
    test = _test(kind, operator, mention, key, constants)
    return mention, Condition(test, key, _predicate(node, scope), constants, operator)


def _test(kind: str, operator: str, mention: Mention, key: Key, constants: tuple[Constant, ...]) -> Asked:
    match kind:
        case "AEXPR_IN":
            return Asked.IN if operator == "=" else Asked.OTHER
        case "AEXPR_OP_ANY":
            return Asked.IN if operator == "=" else Asked.OTHER
        case "AEXPR_BETWEEN" | "AEXPR_BETWEEN_SYM":
            return Asked.RANGE
        case "AEXPR_NOT_DISTINCT":
            return Asked.OTHER
        case "AEXPR_LIKE" | "AEXPR_ILIKE":
            return _like(operator, constants)
        case "AEXPR_OP":
            return _operator(operator, mention, key, constants)
        case _:
            return Asked.OTHER


def _like(operator: str, constants: tuple[Constant, ...]) -> Asked:
    if operator.startswith("!"):
        return Asked.OTHER
    if operator == "~~*" or not constants or constants[0].value[:1] in ("%", "_", ""):
        return Asked.INFIX
    return Asked.PREFIX


def _operator(operator: str, mention: Mention, key: Key, constants: tuple[Constant, ...]) -> Asked:
    column = mention.table.column(key.column)
    type_name = column.type if column else ""
    if operator == "=":
        return Asked.EQUAL
    if operator in ("<", "<=", ">", ">="):
        return Asked.RANGE
    if operator in _REGULAR:
        return Asked.INFIX
    if operator in ("~~", "~~*"):
        return _like(operator, constants)
    if operator in ("@>", "<@", "&&") and type_name.endswith("[]"):
        return Asked.ARRAY
    if operator in ("@>", "@?", "@@") and type_name == "jsonb":
        return Asked.JSON_CONTAINS
    if operator in ("?", "?|", "?&") and type_name == "jsonb":
        return Asked.JSON_KEY
    if operator == "@@" and (type_name == "tsvector" or key.expression.startswith("to_tsvector(")):
        return Asked.FULL_TEXT
    return Asked.OTHER


def _predicate(node: Any, scope: Scope) -> str:
    """The condition as an index predicate could have it; ``""`` where it cannot."""
    if has_parameter(node) or has_subquery(node) or not is_indexable(node):
        return ""
    found = scope.owners(node)
    if not found or any(mention is not found[0][0] for mention, _ in found):
        return ""
    return bare_sql(node)


def _join(node: Any, scope: Scope) -> bool:
    """Enter an equality between two tables."""
    if kind_of(node) != "a_expr" or enum_name(node.a_expr, "kind") != "AEXPR_OP":
        return False
    if node.a_expr.name[-1].string.sval != "=":
        return False
    left, right = scope.key(node.a_expr.lexpr), scope.key(node.a_expr.rexpr)
    if left is None or right is None or left[0] is right[0]:
        return False
    join(left, right)
    return True


def join(one: tuple[Mention, Key], other: tuple[Mention, Key]) -> None:
    """Enter an equality into both its tables."""
    one[0].joins.append(JoinKey(one[1], other[0].number, other[1]))
    other[0].joins.append(JoinKey(other[1], one[0].number, one[1]))


def _alternatives(arms: Any, scope: Scope) -> None:
    """Enter the arms of an OR that are about one table each."""
    for arm in list(arms)[:MAX_ARMS]:
        read = [condition_of(part, scope) for part in conjuncts(arm)]
        by_mention: dict[int, tuple[Mention, list[Condition]]] = {}
        for item in read:
            if item is not None:
                by_mention.setdefault(item[0].number, (item[0], []))[1].append(item[1])
        for mention, conditions in by_mention.values():
            mention.alternatives.append(tuple(conditions))
