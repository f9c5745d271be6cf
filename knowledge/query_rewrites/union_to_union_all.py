"""UNION of parts that can have no row in common, as UNION ALL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.query_rewrites.trees import GRAMMAR, Scope, copied, is_plain, literal, select_of, sql_of
from knowledge.schema import Schema


def propose(sql: str, schema: Schema) -> Iterator[Rewrite]:
    """The same with ALL, where a literal at the same place differs and each part has a unique key."""
    select = select_of(sql)
    if select is None or select.op != GRAMMAR.SETOP_UNION or select.all:
        return
    left, right = select.larg, select.rarg
    if not all(is_plain(part) and Scope(part, schema).has_keys(part) for part in (left, right)):
        return
    if not _differ(left, right):
        return
    after = copied(select)
    after.all = True
    yield Rewrite(sql_of(after), "the parts have no row in common, and neither has a row twice: nothing to remove")


def _differ(left: Any, right: Any) -> bool:
    """Whether some column is a string literal in both, and not the same one."""
    for one, other in zip(left.target_list, right.target_list, strict=False):
        values = [target.res_target.val for target in (one, other)]
        if any(value.WhichOneof("node") != "a_const" or value.a_const.WhichOneof("val") != "sval" for value in values):
            if any(value.WhichOneof("node") == "column_ref" and _starred(value) for value in values):
                return False  # the columns after it cannot be counted from here
            continue
        if literal(values[0]) != literal(values[1]):
            return True
    return False


def _starred(value: Any) -> bool:
    return any(field.WhichOneof("node") == "a_star" for field in value.column_ref.fields)


REWRITE = QueryRewrite(
    id="union_to_union_all",
    claim="UNION of parts that a literal tells apart, each with a unique key, is UNION ALL.",
    why="UNION sorts or hashes all rows to remove duplicates that cannot be there.",
    unless="The parts are not told apart by a literal, or one of them may have a row twice.",
    tables="CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);",
    before="SELECT 'a' AS kind, id FROM a UNION SELECT 'b', id FROM b",
    after="SELECT 'a' AS kind, id FROM a UNION ALL SELECT 'b', id FROM b",
    propose=propose,
)
