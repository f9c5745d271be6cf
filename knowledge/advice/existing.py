"""The indexes there are, in the same form as candidates, and which of two can take the other's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import postgast
from google.protobuf.message import DecodeError

from knowledge.advice.index import Candidate, IndexKey
from knowledge.ddl import enum_name, strings
from knowledge.query.expressions import bare_sql, kind_of
from knowledge.schema import Index, Relation


@dataclass(frozen=True)
class ExistingIndex:
    """An index of the schema with its parts read."""

    index: Index
    shape: Candidate


def existing_indexes(table: Relation) -> Iterator[ExistingIndex]:
    """The valid indexes of a table; those whose definition cannot be read are left out."""
    for index in table.indexes:
        shape = read_definition(index.definition, table.qualified)
        if index.valid and shape is not None:
            yield ExistingIndex(index, shape)


@lru_cache(maxsize=2_000)
def read_definition(definition: str, table: str) -> Candidate | None:
    """The parts of a CREATE INDEX; ``None`` where it is none."""
    try:
        tree = postgast.parse(definition)
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return None
    if len(tree.stmts) != 1 or kind_of(tree.stmts[0].stmt) != "index_stmt":
        return None
    node = tree.stmts[0].stmt.index_stmt
    return Candidate(
        table,
        tuple(_key(item.index_elem) for item in node.index_params),
        node.access_method or "btree",
        tuple(item.index_elem.name for item in node.index_including_params),
        bare_sql(node.where_clause) if kind_of(node.where_clause) else "",
        node.idxname,
    )


def serves_as(existing: Candidate, wanted: Candidate) -> bool:
    """Whether whatever ``wanted`` would be good for, ``existing`` does about as well.

    Its keys begin with those wanted (or are their mirror image), it holds the columns wanted, and it is over the
    same rows, or all of them where ``wanted`` has the same keys.
    """
    if existing.table != wanted.table or existing.method != wanted.method:
        return False
    if existing.predicate and _same(existing.predicate) != _same(wanted.predicate):
        return False
    if wanted.predicate and not existing.predicate:
        return False  # the partial one is smaller: to be tried
    count = len(wanted.keys)
    if existing.method != "btree":
        return existing.keys == wanted.keys
    mine = existing.keys[:count]
    if mine != wanted.keys and tuple(key.flipped() for key in mine) != wanted.keys:
        return False
    held = {key.column for key in existing.keys} | set(existing.include)
    return set(wanted.include) <= held


def made_redundant(table: Relation, new: Candidate) -> Iterator[ExistingIndex]:
    """B-trees of the table that the new index could stand in for: their keys begin its keys, over the same rows."""
    for old in existing_indexes(table):
        if old.shape.method == "btree" and len(old.shape.keys) <= len(new.keys) and serves_as(new, old.shape):
            yield old


def _same(predicate: str) -> str:
    """A predicate without what the catalog adds to it: brackets and casts of literals."""
    return predicate.replace("(", "").replace(")", "").replace("::text", "").lower()


def _key(node: object) -> IndexKey:
    descending = enum_name(node, "ordering") == "SORTBY_DESC"
    said = enum_name(node, "nulls_ordering")
    nulls_first = descending if said == "SORTBY_NULLS_DEFAULT" else said == "SORTBY_NULLS_FIRST"
    name = getattr(node, "name", "")
    expression = "" if name else bare_sql(getattr(node, "expr"))  # noqa: B009
    classes = strings(getattr(node, "opclass"))  # noqa: B009
    return IndexKey(name, expression, classes[-1] if classes else "", descending, nulls_first)
