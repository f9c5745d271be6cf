"""Expressions of a query's tree: their columns, their SQL with bare names, the literals in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.ddl import VOLATILE_DEFAULTS, enum_name, function_names
from knowledge.query.shape_model import Constant

GRAMMAR = postgast.pg_query_pb2

UNSTABLE = VOLATILE_DEFAULTS | frozenset(
    "now current_setting to_char to_timestamp to_date age timeofday clock_timestamp statement_timestamp"
    " transaction_timestamp concat concat_ws format array_to_string to_json to_jsonb row_to_json".split()
)
"""Functions that no index may be made of: they are not immutable."""

AGGREGATES = frozenset("count sum avg min max array_agg string_agg bool_and bool_or every json_agg jsonb_agg".split())

MAX_EXPRESSION = 300
"""Characters above which an expression is no candidate for an index."""


def kind_of(node: Any) -> str:
    """The kind of a node (``column_ref``), or ``""`` where there is none."""
    return str(node.WhichOneof("node") or "")


def fields_of(reference: Any) -> tuple[str, ...]:
    """The parts of a column reference, ``*`` for a star."""
    return tuple(part.string.sval if kind_of(part) == "string" else "*" for part in reference.fields)


def children_of(message: Any) -> Iterator[Any]:
    """The nodes directly below a node."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            yield from value if field.is_repeated else (value,)


def own_references(node: Any) -> Iterator[Any]:
    """The column references of an expression that are not inside a subquery."""
    waiting = [node]
    while waiting:
        message = waiting.pop()
        name = message.DESCRIPTOR.name
        if name == "ColumnRef":
            yield message
        elif name not in ("SelectStmt", "SubLink"):
            waiting.extend(children_of(message))
        elif name == "SubLink":
            waiting.append(message.testexpr)


def subqueries(node: Any) -> Iterator[Any]:
    """The outermost SELECTs inside an expression."""
    waiting = [node]
    while waiting:
        message = waiting.pop()
        if message.DESCRIPTOR.name == "SelectStmt":
            yield message
        else:
            waiting.extend(children_of(message))


def has_subquery(node: Any) -> bool:
    """Whether an expression holds a subquery."""
    return next(subqueries(node), None) is not None


def has_parameter(node: Any) -> bool:
    """Whether ``$1`` or the like is in it."""
    return next(iter(postgast.find_nodes(node, GRAMMAR.ParamRef)), None) is not None


def bare_sql(node: Any) -> str:
    """An expression as SQL whose columns stand without their table; ``""`` where it cannot be written."""
    copy = type(node)()
    copy.CopyFrom(node)
    for reference in postgast.find_nodes(copy, GRAMMAR.ColumnRef):
        del reference.fields[:-1]
    select = GRAMMAR.SelectStmt(limit_option=GRAMMAR.LIMIT_OPTION_DEFAULT, op=GRAMMAR.SETOP_NONE)
    select.target_list.add().res_target.val.CopyFrom(copy)
    tree = postgast.ParseResult(version=180000)
    tree.stmts.add().stmt.select_stmt.CopyFrom(select)
    try:
        return str(postgast.deparse(tree)).removeprefix("SELECT ")
    except (postgast.PgQueryError, DecodeError, ValueError):
        return ""


def parsed_expression(text: str) -> Any | None:
    """The tree of an expression's SQL; ``None`` where there is none."""
    if not text:
        return None
    try:
        tree = postgast.parse(f"SELECT {text}")
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return None
    return tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val


def is_indexable(node: Any) -> bool:
    """Whether an index could be made of an expression, as far as its text shows."""
    if has_subquery(node) or has_parameter(node):
        return False
    names = set(function_names(node))
    calls = postgast.find_nodes(node, GRAMMAR.FuncCall)
    value_functions = next(iter(postgast.find_nodes(node, GRAMMAR.SQLValueFunction)), None)
    windows = any(call.HasField("over") or call.agg_star or call.agg_distinct for call in calls)
    return not (names & (UNSTABLE | AGGREGATES)) and value_functions is None and not windows


def constant_of(node: Any) -> Constant | None:
    """A literal, cast or not, as the query has it."""
    inner = node
    while kind_of(inner) == "type_cast":
        inner = inner.type_cast.arg
    if kind_of(inner) == "a_expr" and enum_name(inner.a_expr, "kind") == "AEXPR_OP" and not kind_of(inner.a_expr.lexpr):
        value = constant_of(inner.a_expr.rexpr)
        if value is not None and inner.a_expr.name[-1].string.sval == "-":
            return Constant(bare_sql(node), f"-{value.value}")
        return None
    if kind_of(inner) != "a_const" or inner.a_const.isnull:
        return None
    return Constant(bare_sql(node), _literal(inner.a_const))


def constants_of(node: Any) -> tuple[Constant, ...]:
    """The literals of a list, an array or one value; ``()`` unless all of it is literal."""
    kind = kind_of(node)
    if kind == "list":
        items = list(node.list.items)
    elif kind == "a_array_expr":
        items = list(node.a_array_expr.elements)
    else:
        items = [node]
    found = [constant_of(item) for item in items]
    return tuple(item for item in found if item is not None) if all(found) else ()


def _literal(constant: Any) -> str:
    match constant.WhichOneof("val"):
        case "sval":
            return str(constant.sval.sval)
        case "ival":
            return str(constant.ival.ival)
        case "fval":
            return str(constant.fval.fval)
        case "boolval":
            return "t" if constant.boolval.boolval else "f"
        case _:
            return ""
