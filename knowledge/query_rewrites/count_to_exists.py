"""Counting all matches to learn whether there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    GRAMMAR,
    copied,
    expression_of,
    function_of,
    is_unlimited,
    literal,
    nodes_in,
    operator_of,
    select_of,
    sql_of,
)
from knowledge.schema import Schema

ANSWERS = {(">", "0"): True, (">=", "1"): True, ("<>", "0"): True, ("=", "0"): False, ("<", "1"): False}
"""What a comparison of a count asks: whether there is a row, or whether there is none."""


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """All comparisons of a count with none or one, at once."""
    select = select_of(sql)
    if select is None:
        return
    select = copied(select)
    changed = False
    for node in list(nodes_in(select)):
        if replacement := _exists(node):
            node.CopyFrom(expression_of(replacement))
            changed = True
    if changed:
        yield Rewrite(sql_of(select), "EXISTS stops at the first row; the count reads all of them")


def _exists(node: Any) -> str:
    operator = operator_of(node)
    if not operator or node.a_expr.lexpr.WhichOneof("node") != "sub_link":
        return ""
    link = node.a_expr.lexpr.sub_link
    wanted = ANSWERS.get((operator, literal(node.a_expr.rexpr) or ""))
    if wanted is None or link.sub_link_type != GRAMMAR.EXPR_SUBLINK:
        return ""
    below = copied(link.subselect.select_stmt)
    if not is_count(below):
        return ""
    below.target_list[0].res_target.val.CopyFrom(expression_of("1"))
    return f"{'' if wanted else 'NOT '}EXISTS ({sql_of(below)})"


def is_count(select: Any) -> bool:
    """Whether a SELECT gives one row with ``count(*)`` of plain rows, and nothing else."""
    if len(select.target_list) != 1 or select.op != GRAMMAR.SETOP_NONE or not is_unlimited(select):
        return False
    value = select.target_list[0].res_target.val
    bare = not (select.group_clause or select.distinct_clause or select.window_clause or select.sort_clause)
    call = value.func_call
    return (
        bare
        and bool(select.from_clause)
        and function_of(value) == "count"
        and call.agg_star
        and call.agg_filter.WhichOneof("node") is None
        and not call.HasField("over")
        and select.having_clause.WhichOneof("node") is None
    )


REWRITE = QueryRewrite(
    id="count_to_exists",
    claim="(SELECT count(*) ...) > 0 is EXISTS (SELECT ...).",
    why="The count reads every match, for every row of the outer query.",
    unless="It counts a column, distinct values or groups, or is compared with anything but none and one.",
    tables="CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int);",
    before="SELECT id FROM a WHERE (SELECT count(*) FROM b WHERE b.a = a.id) > 0",
    after="SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
    propose=propose,
)
