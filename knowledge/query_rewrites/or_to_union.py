"""OR over different columns as UNION ALL of its arms, each of which can use an index of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    GRAMMAR,
    conjuncts,
    copied,
    is_plain,
    is_unlimited,
    select_of,
    set_where,
    sql_of,
    text_of,
    words,
)
from knowledge.schema import Schema

MOST_ARMS = 4


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """The first OR among the conditions whose arms speak of different columns."""
    select = select_of(sql)
    if select is None or not is_plain(select) or not is_unlimited(select) or select.sort_clause:
        return
    parts = conjuncts(select.where_clause)
    for place, part in enumerate(parts):
        if part.WhichOneof("node") != "bool_expr" or part.bool_expr.boolop != GRAMMAR.OR_EXPR:
            continue
        arms = list(part.bool_expr.args)
        columns = {frozenset(_columns(arm)) for arm in arms}
        if len(arms) > MOST_ARMS or len(columns) < len(arms) or frozenset() in columns:
            continue
        others = [text_of(other) for number, other in enumerate(parts) if number != place]
        yield Rewrite(
            " UNION ALL ".join(_arm(select, others, arms, number) for number in range(len(arms))),
            "each part can use an index of its own; a row that fits several parts is left out of the later ones, "
            "so every row comes as often as before",
        )
        return


def _columns(arm: Any) -> Iterator[tuple[str, ...]]:
    for column in postgast.find_nodes(arm, GRAMMAR.ColumnRef):
        yield words(column)


def _arm(select: Any, others: list[str], arms: list[Any], number: int) -> str:
    part = copied(select)
    before = [f"({text_of(arm)}) IS NOT TRUE" for arm in arms[:number]]
    set_where(part, [*others, text_of(arms[number]), *before])
    return sql_of(part)


REWRITE = QueryRewrite(
    id="or_to_union",
    claim="a OR b is a, and to that b without the rows of a (UNION ALL).",
    why="One OR over columns of different tables, or over columns with an index each, leaves a filter after the"
    " join or a scan of everything.",
    unless="The query groups, sorts, limits or removes duplicates, or the arms speak of the same column.",
    tables="CREATE TABLE a (id int PRIMARY KEY, x int, y int);",
    before="SELECT x, y FROM a WHERE id > 0 AND (x = 1 OR y = 2)",
    after="SELECT x, y FROM a WHERE id > 0 AND x = 1 UNION ALL SELECT x, y FROM a WHERE id > 0 AND y = 2"
    " AND x = 1 IS NOT TRUE",
    propose=propose,
)
