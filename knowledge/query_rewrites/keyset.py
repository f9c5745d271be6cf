"""OFFSET as a condition on the keys of the last row seen: the next page begins where the previous one ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.identifiers import quoted
from knowledge.query_rewrites.rewrite import Paging, QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import (
    GRAMMAR,
    Reach,
    Scope,
    conjuncts,
    copied,
    expression_of,
    is_plain,
    literal,
    select_of,
    set_where,
    sql_of,
    text_of,
)
from knowledge.schema import Schema

CHECKED_OFFSET, CHECKED_LIMIT = 2, 2
"""Sizes of the page on the few generated rows."""


@dataclass(frozen=True)
class Key:
    """One sort key: a column that is never NULL, and its direction."""

    reach: Reach
    descending: bool

    @property
    def sql(self) -> str:
        """The column with its table's name in the query."""
        return f"{quoted(self.reach.alias)}.{quoted(self.reach.column.name)}"


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """The next-page form of a query over one table, sorted by columns of it."""
    select = select_of(sql)
    if select is None or not is_plain(select) or literal(select.limit_offset) in (None, "0"):
        return
    if literal(select.limit_count) is None:
        return
    scope = Scope(select, schema)
    keys = sort_keys(select, scope)
    if not keys:
        return
    tables = list(scope.tables.values())
    columns = tuple(key.reach.column.name for key in keys)
    served = any(index.columns[: len(columns)] == columns for index in tables[0].indexes if not index.partial)
    index = ", ".join(f"{quoted(key.reach.column.name)}{' DESC' if key.descending else ''}" for key in keys)
    name = f"{quoted(tables[0].schema)}.{quoted(tables[0].name)}"
    yield Rewrite(
        _next_page(select, keys, literal(select.limit_count) or ""),
        "OFFSET reads and throws away every row before the page; this begins after the last row of the previous page, "
        f"whose {', '.join(columns)} the placeholders stand for. Pages can be turned, not jumped to.",
        "" if served else f"CREATE INDEX ON {name} ({index})",
        paging=Paging(
            _sized(select, keys, CHECKED_OFFSET, CHECKED_LIMIT),
            _previous(select, keys),
            _next_page(select, keys, str(CHECKED_LIMIT)),
            _next_page(select, keys, literal(select.limit_count) or "", planned=True),
        ),
    )


def sort_keys(select: Any, scope: Scope) -> tuple[Key, ...]:
    """The sort keys, with the primary key appended where they leave ties; ``()`` where it cannot be done."""
    if not scope.known or len(scope.tables) != 1 or not select.sort_clause:
        return ()
    alias, table = next(iter(scope.tables.items()))
    keys: list[Key] = []
    named = {target.res_target.name for target in select.target_list if target.res_target.name}
    for item in select.sort_clause:
        sort = item.sort_by
        reach = scope.column(sort.node)
        if reach is None or reach.column.nullable or sort.use_op or sort.sortby_nulls != GRAMMAR.SORTBY_NULLS_DEFAULT:
            return ()
        if reach.column.name in named and "." not in text_of(sort.node):
            return ()  # ORDER BY means the column of the result, which is something else
        keys.append(Key(reach, sort.sortby_dir == GRAMMAR.SORTBY_DESC))
    sorted_by = {key.reach.column.name for key in keys}
    if any(unique <= sorted_by for unique in scope.keys[alias]):
        return tuple(keys)
    rest = [name for name in table.primary_key if name not in sorted_by]
    columns = [column for name in rest if (column := table.column(name)) is not None]
    if not columns:
        return ()
    return (*keys, *(Key(Reach(alias, table, column), keys[-1].descending) for column in columns))


def _next_page(select: Any, keys: tuple[Key, ...], limit: str, *, planned: bool = False) -> str:
    page = copied(select)
    values = [f"(SELECT NULL::{key.reach.column.type})" if planned else f"${n}" for n, key in enumerate(keys, 1)]
    set_where(page, [*map(text_of, conjuncts(page.where_clause)), beyond(keys, values)])
    page.ClearField("limit_offset")
    _sort(page, keys)
    page.limit_count.CopyFrom(expression_of(limit))
    return sql_of(page)


def beyond(keys: tuple[Key, ...], values: Sequence[str]) -> str:
    """The condition that a row comes after the one whose keys are ``values``."""
    names = [key.sql for key in keys]
    signs = ["<" if key.descending else ">" for key in keys]
    if len(set(signs)) == 1:
        if len(names) == 1:
            return f"{names[0]} {signs[0]} {values[0]}"
        return f"({', '.join(names)}) {signs[0]} ({', '.join(values)})"
    arms = []
    for number, (name, sign, value) in enumerate(zip(names, signs, values, strict=True)):
        equal = [f"{before} = {seen}" for before, seen in zip(names[:number], values[:number], strict=True)]
        arms.append(" AND ".join([*equal, f"{name} {sign} {value}"]))
    return " OR ".join(f"({arm})" for arm in arms)


def _sort(page: Any, keys: tuple[Key, ...]) -> None:
    for key in keys[len(page.sort_clause) :]:
        added = page.sort_clause.add().sort_by
        added.CopyFrom(page.sort_clause[0].sort_by)
        added.node.CopyFrom(expression_of(key.sql))
        added.sortby_dir = GRAMMAR.SORTBY_DESC if key.descending else GRAMMAR.SORTBY_DEFAULT


def _sized(select: Any, keys: tuple[Key, ...], offset: int, limit: int) -> str:
    page = copied(select)
    _sort(page, keys)
    page.limit_offset.CopyFrom(expression_of(str(offset)))
    page.limit_count.CopyFrom(expression_of(str(limit)))
    return sql_of(page)


def _previous(select: Any, keys: tuple[Key, ...]) -> str:
    before = copied(select)
    del before.target_list[:]
    for key in keys:
        before.target_list.add().res_target.val.CopyFrom(expression_of(key.sql))
    return _sized(before, keys, CHECKED_OFFSET - 1, 1)


REWRITE = QueryRewrite(
    id="offset_to_keyset",
    claim="The page after an OFFSET begins after the keys of the row before it.",
    why="OFFSET n reads n rows and throws them away: each page costs more than the one before, and rows that are"
    " inserted meanwhile show up twice.",
    unless="It reads more than one table, sorts by an expression or a column that may be NULL, or has no primary key.",
    tables="CREATE TABLE a (id int PRIMARY KEY, made date NOT NULL);",
    before="SELECT id, made FROM a ORDER BY made LIMIT 20 OFFSET 4000",
    after="SELECT id, made FROM a WHERE (a.made, a.id) > ($1, $2) ORDER BY made, a.id LIMIT 20",
    propose=propose,
)
