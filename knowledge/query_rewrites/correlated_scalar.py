"""An aggregate computed by a subquery for every row, as one grouped join."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.identifiers import quoted
from knowledge.query_rewrites.not_in import spelt
from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    GRAMMAR,
    Scope,
    conjuncts,
    copied,
    expression_of,
    function_of,
    is_plain,
    is_unlimited,
    literal,
    nodes_in,
    operator_of,
    select_of,
    set_where,
    sql_of,
    text_of,
)
from knowledge.schema import Schema

JOINABLE = frozenset({"count", "sum", "avg", "min", "max"})


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """The first such subquery of the select list or the WHERE."""
    select = select_of(sql)
    if select is None or select.op != GRAMMAR.SETOP_NONE:
        return
    scope = Scope(select, schema)
    if not scope.known or any(words_star(target) for target in select.target_list):
        return
    after = copied(select)
    listed = [target.res_target for target in after.target_list] if is_plain(select) else []
    for slot, node in [
        *((slot, slot.val) for slot in listed),
        *((None, node) for node in nodes_in(after.where_clause)),
    ]:
        joined = _joined(node, scope, schema)
        if joined is None:
            continue
        below, condition, aggregate = joined
        name = next(name for name in ("totals", *(f"totals_{n}" for n in range(2, 99))) if name not in scope.tables)
        if slot is not None:
            slot.name = slot.name or aggregate
        value = f"coalesce({name}.value, 0)" if aggregate == "count" else f"{name}.value"
        shown = copied(node.sub_link.subselect.select_stmt.target_list[0].res_target.val)
        if (inner := _aggregate_in(shown)) is not None:
            inner.CopyFrom(expression_of(value))
        node.CopyFrom(shown)
        _join(after, below, name, condition)
        yield Rewrite(
            sql_of(after), "all groups are computed in one pass over the table; the subquery runs once for every row"
        )
        return


def words_star(target: Any) -> bool:
    """Whether a member of the select list is a bare ``*``, which would show the joined columns too."""
    value = target.res_target.val
    if value.WhichOneof("node") != "column_ref":
        return False
    fields = value.column_ref.fields
    return len(fields) == 1 and fields[0].WhichOneof("node") == "a_star"


def _joined(value: Any, scope: Scope, schema: Schema) -> tuple[str, str, str] | None:
    """The grouped query, the outer column it is joined to, and the aggregate's name."""
    if value.WhichOneof("node") != "sub_link" or value.sub_link.sub_link_type != GRAMMAR.EXPR_SUBLINK:
        return None
    select = value.sub_link.subselect.select_stmt
    if len(select.target_list) != 1 or len(select.from_clause) != 1 or not is_unlimited(select) or select.sort_clause:
        return None
    aggregate = _aggregate_in(select.target_list[0].res_target.val)
    if aggregate is None or select.group_clause:
        return None
    bare = copied(select)
    bare.target_list[0].res_target.val.CopyFrom(expression_of("1"))
    below = Scope(select, schema, scope.hidden)
    if not is_plain(bare) or not below.known:
        return None
    if not below.belongs(aggregate):
        return None
    inner, keys = [], []
    for part in conjuncts(select.where_clause):
        if below.belongs(part):
            inner.append(text_of(part))
        elif (pair := _pair(part, below, scope)) is not None:
            keys.append(pair)
        else:
            return None
    if len(keys) != 1:
        return None
    key, outer = keys[0]
    grouped = copied(select)
    grouped.target_list[0].res_target.val.CopyFrom(aggregate)
    grouped.target_list[0].res_target.name = "value"
    grouped.target_list.add().res_target.val.CopyFrom(expression_of(key))
    grouped.target_list[1].res_target.name = "key"
    set_where(grouped, inner)
    grouped.group_clause.add().CopyFrom(expression_of(key))
    return sql_of(grouped), outer, function_of(aggregate)


def _aggregate_in(value: Any) -> Any | None:
    """The one aggregate of an expression that is NULL where the aggregate is; a count stands alone.

    The arithmetic around it is left where it was: done for every group it might overflow for one nobody asks for.
    """
    if value.WhichOneof("node") == "func_call":
        return value if function_of(value) in JOINABLE and not value.func_call.HasField("over") else None
    if operator_of(value) not in ("+", "-", "*", "/"):
        return None
    sides = [side for side in (value.a_expr.lexpr, value.a_expr.rexpr) if literal(side) is None]
    found = _aggregate_in(sides[0]) if len(sides) == 1 else None
    return found if found is not None and function_of(found) != "count" else None


def _pair(part: Any, below: Scope, above: Scope) -> tuple[str, str] | None:
    """The inner and the outer column of an equality between them."""
    if operator_of(part) != "=":
        return None
    for one, other in ((part.a_expr.lexpr, part.a_expr.rexpr), (part.a_expr.rexpr, part.a_expr.lexpr)):
        inner, outer = below.column(one), above.column(other)
        if inner is not None and outer is not None and below.column(other) is None:
            return spelt(inner), spelt(outer)
    return None


def _join(select: Any, below: str, name: str, outer: str) -> None:
    froms = [copied(item) for item in select.from_clause]
    shown = GRAMMAR.SelectStmt(limit_option=GRAMMAR.LIMIT_OPTION_DEFAULT, op=GRAMMAR.SETOP_NONE)
    shown.target_list.add().res_target.val.CopyFrom(expression_of("1"))
    shown.from_clause.extend(froms)
    text = sql_of(shown).partition(" FROM ")[2]
    if len(froms) > 1:
        text = " CROSS JOIN ".join(_from(item) for item in froms)
    joined = f"SELECT 1 FROM {text} LEFT JOIN ({below}) AS {quoted(name)} ON {quoted(name)}.key = {outer}"
    made = select_of(joined)
    if made is not None:
        del select.from_clause[:]
        select.from_clause.extend(made.from_clause)


def _from(item: Any) -> str:
    shown = GRAMMAR.SelectStmt(limit_option=GRAMMAR.LIMIT_OPTION_DEFAULT, op=GRAMMAR.SETOP_NONE)
    shown.target_list.add().res_target.val.CopyFrom(expression_of("1"))
    shown.from_clause.add().CopyFrom(item)
    return sql_of(shown).partition(" FROM ")[2]


REWRITE = QueryRewrite(
    id="correlated_subquery_to_join",
    claim="An aggregate of the rows that belong to each row is a LEFT JOIN of the grouped table.",
    why="The planner never turns a scalar subquery into a join: it runs it for every row.",
    unless="It is tied to the outer query by anything but one equality, or the select list has a bare *.",
    tables="CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int);",
    before="SELECT a.id, (SELECT count(*) FROM b WHERE b.a = a.id) FROM a",
    after="SELECT a.id, COALESCE(totals.value, 0) AS count FROM a LEFT JOIN (SELECT count(*) AS value, b.a AS key"
    " FROM b GROUP BY b.a) totals ON totals.key = a.id",
    propose=propose,
)
