"""NOT IN (SELECT ...) as NOT EXISTS: an anti join in place of a filter by a subplan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.identifiers import quoted
from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    GRAMMAR,
    Reach,
    Scope,
    conjuncts,
    copied,
    expression_of,
    is_plain,
    is_unlimited,
    select_of,
    set_where,
    sql_of,
    text_of,
)
from knowledge.schema import Schema


def never_null(scope: Scope, node: Any, conditions: list[Any]) -> bool:
    """Whether an expression is a column without NULL, or one the conditions exclude NULL for."""
    reach = scope.column(node)
    if reach is None:
        return False
    excluded = any(
        condition.WhichOneof("node") == "null_test"
        and condition.null_test.nulltesttype == GRAMMAR.IS_NOT_NULL
        and scope.column(condition.null_test.arg) == reach
        for condition in conditions
    )
    return not reach.column.nullable or excluded


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """Each ``column NOT IN (SELECT column ...)`` among the conditions of the WHERE, all at once."""
    select = select_of(sql)
    if select is None:
        return
    select = copied(select)
    scope = Scope(select, schema)
    parts = conjuncts(select.where_clause)
    texts = [_not_exists(part, parts, scope, schema) or text_of(part) for part in parts]
    if texts == [text_of(part) for part in parts]:
        return
    set_where(select, texts)
    yield Rewrite(
        sql_of(select),
        "NOT EXISTS stops at the first match and can be joined; neither column can be NULL, so both say the same.",
    )


def _not_exists(part: Any, parts: list[Any], scope: Scope, schema: Schema) -> str:
    if part.WhichOneof("node") != "bool_expr" or part.bool_expr.boolop != GRAMMAR.NOT_EXPR:
        return ""
    inner = part.bool_expr.args[0]
    if inner.WhichOneof("node") != "sub_link" or inner.sub_link.sub_link_type != GRAMMAR.ANY_SUBLINK:
        return ""
    if inner.sub_link.oper_name:
        return ""
    subselect = copied(inner.sub_link.subselect.select_stmt)
    if not is_plain(subselect) or not is_unlimited(subselect) or len(subselect.target_list) != 1:
        return ""
    below = Scope(subselect, schema, scope.hidden)
    tested, listed = inner.sub_link.testexpr, subselect.target_list[0].res_target.val
    above_reach, below_reach = scope.column(tested), below.column(listed)
    if above_reach is None or below_reach is None or set(below.tables) & set(scope.tables):
        return ""
    conditions = conjuncts(subselect.where_clause)
    if not never_null(scope, tested, parts) or not never_null(below, listed, conditions):
        return ""
    set_where(subselect, [*map(text_of, conditions), f"{spelt(below_reach)} = {spelt(above_reach)}"])
    subselect.target_list[0].res_target.val.CopyFrom(expression_of("1"))
    del subselect.sort_clause[:]
    return f"NOT EXISTS ({sql_of(subselect)})"


def spelt(reach: Reach) -> str:
    """A column with its table's name in the query, which no inner table can take for its own."""
    return f"{quoted(reach.alias)}.{quoted(reach.column.name)}"


REWRITE = QueryRewrite(
    id="not_in_to_not_exists",
    claim="column NOT IN (SELECT column ...) is NOT EXISTS (SELECT ... WHERE column = column).",
    why="PostgreSQL cannot turn NOT IN into an anti join, because one NULL in the list changes its meaning. It"
    " filters by a hashed list, or runs the subquery for every row where the list outgrows work_mem.",
    unless="Either column may be NULL (and no IS NOT NULL excludes it), or the subquery groups, limits or unites.",
    tables="CREATE TABLE a (id int PRIMARY KEY, x int NOT NULL); CREATE TABLE b (id int PRIMARY KEY, x int NOT NULL);",
    before="SELECT a.id FROM a WHERE a.x NOT IN (SELECT b.x FROM b WHERE b.id > 3)",
    after="SELECT a.id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.id > 3 AND b.x = a.x)",
    propose=propose,
)
