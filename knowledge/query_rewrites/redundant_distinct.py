"""DISTINCT over a select list that holds a unique key: it sorts or hashes all rows to find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import Scope, copied, is_plain, select_of, sql_of
from knowledge.schema import Schema


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """The query without its DISTINCT."""
    select = select_of(sql)
    if select is None or len(select.distinct_clause) != 1 or select.distinct_clause[0].WhichOneof("node") is not None:
        return
    plain = copied(select)
    del plain.distinct_clause[:]
    if is_plain(plain) and Scope(plain, schema).has_keys(plain):
        yield Rewrite(sql_of(plain), "a unique key of every table is among the columns, so no two rows can be equal")


REWRITE = QueryRewrite(
    id="distinct_made_useless_by_key",
    claim="DISTINCT removes nothing where the columns hold a unique key of every table.",
    why="PostgreSQL does not look for keys here: it sorts or hashes the whole result.",
    unless="Some table has no key among the columns, its key allows NULL or is deferrable, or there is an outer join.",
    tables="CREATE TABLE a (id int PRIMARY KEY, x int);",
    before="SELECT DISTINCT id, x FROM a WHERE x > 1",
    after="SELECT id, x FROM a WHERE x > 1",
    propose=propose,
)
