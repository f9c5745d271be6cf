"""What steps of SQLite's and MongoDB's plans do, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.plan.model import Node
from knowledge.plan.words import counted, shortened, source

# SQLite's own words, manual "EXPLAIN QUERY PLAN".
_SQLITE = (
    (re.compile(r"SCAN (.+?) USING (?:COVERING )?INDEX (\S+)(.*)"), r"Reads all of \1 in the order of index \2\3"),
    (re.compile(r"SCAN CONSTANT ROW"), "Makes one row of constants"),
    (re.compile(r"SCAN (.+)"), r"Reads all of \1"),
    (
        re.compile(r"SEARCH (.+?) USING AUTOMATIC (?:PARTIAL )?(?:COVERING )?INDEX (.*)"),
        r"Builds an index on \1 for this query alone and looks rows up in it \2",
    ),
    (re.compile(r"SEARCH (.+?) USING COVERING INDEX (\S+)(.*)"), r"Looks up rows of \1 in index \2 alone\3"),
    (re.compile(r"SEARCH (.+?) USING INDEX (\S+)(.*)"), r"Looks up rows of \1 by index \2\3"),
    (re.compile(r"SEARCH (.+?) USING INTEGER PRIMARY KEY(.*)"), r"Looks up rows of \1 by primary key\2"),
    (re.compile(r"USE TEMP B-TREE FOR (.+)"), r"Sorts for \1 in a temporary B-tree"),
    (re.compile(r"CORRELATED (?:SCALAR|LIST) SUBQUERY.*"), "Runs a subquery anew for each row"),
    (re.compile(r"(?:SCALAR|LIST) SUBQUERY.*"), "Runs a subquery once"),
    (re.compile(r"MATERIALIZE (.+)"), r"Keeps the result of \1"),
    (re.compile(r"CO-ROUTINE (.+)"), r"Hands on the rows of \1 one by one"),
    (re.compile(r"COMPOUND QUERY|MULTI-INDEX OR"), "Puts several results together"),
    (re.compile(r"BLOOM FILTER ON (.+)"), r"Makes a Bloom filter of \1 to drop rows early"),
)

# Stages of MongoDB, manual "Explain Results".
_MONGODB: Mapping[str, str] = {
    "COLLSCAN": "Reads every document",
    "IXSCAN": "Looks keys up in an index",
    "COUNT_SCAN": "Counts keys of an index",
    "DISTINCT_SCAN": "Reads each distinct key of an index",
    "IDHACK": "Finds a document by its _id",
    "FETCH": "Fetches the documents",
    "SORT": "Sorts the documents in memory",
    "SORT_MERGE": "Merges sorted results",
    "LIMIT": "Stops early",
    "SKIP": "Leaves out the first documents",
    "GROUP": "Groups the documents",
    "PROJECTION_SIMPLE": "Picks fields",
    "PROJECTION_COVERED": "Picks fields from the index alone",
    "PROJECTION_DEFAULT": "Computes fields",
    "EQ_LOOKUP": "Looks up documents of another collection for each one",
    "SHARD_MERGE": "Merges the results of the shards",
    "SHARDING_FILTER": "Drops documents that belong to another shard",
    "OR": "Puts several results together",
    "AND_SORTED": "Intersects several results",
    "AND_HASH": "Intersects several results",
    "UPDATE": "Updates the documents",
    "DELETE": "Deletes the documents",
    "COUNT": "Counts the documents",
}


def sqlite_sentence(node: Node) -> str:
    """What a step of EXPLAIN QUERY PLAN does; its own words where they are not known here."""
    detail = shortened(node.text("Detail") or node.kind, 160)
    for pattern, saying in _SQLITE:
        if match := pattern.fullmatch(detail):
            return match.expand(saying).strip()
    return detail


def mongodb_sentence(node: Node) -> str:
    """What a stage does, its collection or index, and the documents it returned."""
    saying = _MONGODB.get(node.kind, node.kind)
    of = f" of {shortened(source(node), 60)}" if source(node) else ""
    by = f" ({shortened(node.index, 60)})" if node.index else ""
    where = next((node.text(name) for name in ("Filter", "Index Cond") if node.text(name)), "")
    counts = f": {counted(node.all_rows, 'document')}" if node.is_measured else ""
    return f"{shortened(saying, 60)}{by}{of}{f' where {shortened(where)}' if where else ''}{counts}"
