"""A function around a column of times, as a range of the column itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from knowledge.identifiers import qualified, quoted
from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    Reach,
    Scope,
    conjuncts,
    copied,
    function_of,
    has_index_on,
    literal,
    operator_of,
    select_of,
    set_where,
    sql_of,
    text_of,
)
from knowledge.schema import Schema

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: 00:00(?::00(?:\.0+)?)?)?")
_YEAR = re.compile(r"[1-9]\d{3}")
MIRRORED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """All such conditions of the WHERE, at once."""
    select = select_of(sql)
    if select is None:
        return
    select = copied(select)
    scope = Scope(select, schema)
    found: list[Reach] = []
    texts = []
    for part in conjuncts(select.where_clause):
        changed = _as_range(part, scope)
        if changed is not None:
            found.append(changed[0])
        texts.append(changed[1] if changed else text_of(part))
    if not found:
        return
    set_where(select, texts)
    missing = next((reach for reach in found if not has_index_on(reach.table, reach.column.name)), None)
    index = ""
    if missing:
        table = qualified(missing.table.schema, missing.table.name)
        index = f"CREATE INDEX ON {table} ({quoted(missing.column.name)})"
    yield Rewrite(
        sql_of(select),
        "an index on the column serves a range of it, and the planner knows from the column's statistics how many rows "
        "fall into it; behind a function it guesses",
        index,
    )


def _as_range(part: Any, scope: Scope) -> tuple[Reach, str] | None:
    operator = operator_of(part)
    if operator not in MIRRORED:
        return None
    left, right = part.a_expr.lexpr, part.a_expr.rexpr
    if (value := literal(left)) is not None:
        left, operator = right, MIRRORED[operator]
    elif (value := literal(right)) is None:
        return None
    unit, column = _truncated(left)
    reach = scope.column(column) if unit else None
    if reach is None or not reach.column.type.startswith(("timestamp", "date")):
        return None
    bounds = _bounds(unit, value)
    if bounds is None:
        return None
    name, (first, after) = text_of(column), bounds
    match operator:
        case "=":
            return reach, f"{name} >= '{first}' AND {name} < '{after}'"
        case "<" | ">=":
            return reach, f"{name} {operator} '{first}'"
    return reach, f"{name} {'<' if operator == '<=' else '>='} '{after}'"


def _truncated(node: Any) -> tuple[str, Any]:
    """What a column is cut down to, and the column: ``day``, ``month``, ``year``, or ``number`` for the year's
    number; ``""`` for anything else."""
    name = function_of(node)
    arguments = list(node.func_call.args) if name else []
    if name == "date" and len(arguments) == 1:
        return "day", arguments[0]
    if name in ("date_trunc", "extract", "date_part") and len(arguments) == 2:
        unit = (literal(arguments[0]) or "").lower()
        if name == "date_trunc" and unit in ("day", "month", "year"):
            return unit, arguments[1]
        if name != "date_trunc" and unit == "year":
            return "number", arguments[1]
    if node.WhichOneof("node") == "type_cast" and node.type_cast.type_name.names[-1].string.sval == "date":
        return "day", node.type_cast.arg
    return "", None


def _bounds(unit: str, value: str) -> tuple[date, date] | None:
    """The first moment of a value of that unit and the first after it; ``None`` where it is not one."""
    if unit == "number":
        return (date(int(value), 1, 1), date(int(value) + 1, 1, 1)) if _YEAR.fullmatch(value) else None
    match = _DAY.fullmatch(value)
    if match is None:
        return None
    try:
        first = date(*map(int, match.groups()))
        if unit == "day":
            return first, first + timedelta(days=1)
        whole = first.replace(day=1) if unit == "month" else first.replace(day=1, month=1)
        following = (
            (whole + timedelta(days=32)).replace(day=1) if unit == "month" else whole.replace(year=whole.year + 1)
        )
    except (ValueError, OverflowError):
        return None
    return (first, following) if first == whole else None


REWRITE = QueryRewrite(
    id="function_on_column_to_range",
    claim="date_trunc, EXTRACT(year) and a cast to date of a column are a range of the column.",
    why="An index on the column does not serve a condition on a function of it, and the planner has no statistics"
    " for the function's result.",
    unless="The other side is no plain literal at the beginning of a day, month or year.",
    tables="CREATE TABLE a (id int PRIMARY KEY, at timestamp);",
    before="SELECT id FROM a WHERE date_trunc('month', at) = '2026-02-01'",
    after="SELECT id FROM a WHERE at >= '2026-02-01' AND at < '2026-03-01'",
    propose=propose,
)
