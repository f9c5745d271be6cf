"""What steps of SQLite's and MongoDB's plans do, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.plan.model import Node
from knowledge.plan.words import amount, counted, shortened, source

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
    "COUNT_SCAN": "Counts keys of an index",
    "DISTINCT_SCAN": "Reads each distinct key of an index",
    "IDHACK": "Finds a document by its _id",
    "FETCH": "Fetches the documents",
    "SORT": "Sorts the documents",
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

_EXAMINED = (("Documents", "document"), ("Keys", "key"))


def sqlite_sentence(node: Node) -> str:
    """What a step of EXPLAIN QUERY PLAN does; its own words where they are not known here."""
    detail = shortened(node.text("Detail") or node.kind, 160)
    for pattern, saying in _SQLITE:
        if match := pattern.fullmatch(detail):
            return match.expand(saying).strip()
    return detail


def mongodb_sentence(node: Node) -> str:
    """What a stage does, its collection or index, and the documents it read and returned."""
    of = f" of {shortened(source(node), 60)}" if source(node) else ""
    index = f" index {shortened(node.index, 60)}" if node.index else " an index"
    where = f" ({shortened(node.text('Filter'))})" if node.text("Filter") else ""
    if not node.is_measured and node.kind == "IXSCAN":
        return f"Looks keys up in{index}{of}{where}"
    if not node.is_measured:
        return f"{_MONGODB.get(node.kind, shortened(node.kind, 60))}{of}{where}"
    found = counted(node.all_rows, "document")
    documents, keys = (counted(node.number_of(f"{name} Examined"), one) for name, one in _EXAMINED)
    if node.kind == "COLLSCAN":
        return f"Reads all {documents}{of} and keeps {amount(node.all_rows)}{where}"
    if node.kind == "IXSCAN":
        return f"Reads {keys} of{index}{of} and finds {counted(node.all_rows, 'document')}{where}"
    if node.kind == "FETCH":
        return f"Fetches {documents} and keeps {amount(node.all_rows)}{where}"
    if node.kind == "SORT":
        by = f" by {shortened(node.text('Sort Key'))}" if node.text("Sort Key") else ""
        disk = node.properties.get("Used Disk") is True
        return f"Sorts {found}{by} {'on disk' if disk else 'in memory'}"
    return f"{_MONGODB.get(node.kind, shortened(node.kind, 60))}{of}{where}: {found}"
