"""Indexes that a longer index makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.rules.schema._indexes import key_parts
from knowledge.schema import Index, Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Plain B-tree indexes whose keys open another B-tree index with the same predicate."""
    for table in schema.tables:
        if table.partition_of:
            continue
        for index in table.indexes:
            if not _spare(index):
                continue
            longer = next((other for other in table.indexes if _opens_with(other, index)), None)
            if longer is not None:
                yield Hit(
                    subject=f"{table.qualified}.{index.name}",
                    message=(
                        f"{index.name} ({', '.join(key_parts(index))}) is the beginning of {longer.name} "
                        f"({', '.join(key_parts(longer))}), which answers the same queries"
                    ),
                    detail=(table.schema, index.name, table.qualified),
                )


def _spare(index: Index) -> bool:
    return index.method == "btree" and index.valid and not index.unique and not index.included


def _opens_with(longer: Index, shorter: Index) -> bool:
    length = len(shorter.columns)
    if longer.method != "btree" or not longer.valid or longer.partial != shorter.partial:
        return False
    if len(longer.columns) <= length or longer.columns[:length] != shorter.columns:
        return False
    return key_parts(longer)[:length] == key_parts(shorter)


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Drop the shorter one."""
    namespace, name, table = hit.detail
    partitioned = schema.by_name[table].partitioned
    how = "" if partitioned else "CONCURRENTLY "
    return Fix(
        summary="Drop the shorter index, unless queries on it alone are so frequent that its size matters",
        steps=[Step(sql=f"DROP INDEX {how}{qualified(namespace, name)};", alone=not partitioned)],
    )


RULE = SchemaRule(
    id="redundant-prefix-index",
    claim="An index that is the beginning of another index is rarely worth its writes.",
    family="schema",
    severity=Severity.LOW,
    why=(
        "A B-tree on (a, b) serves every search on a alone. The shorter index costs each write and its place "
        "in the cache, for lookups that are at best a little faster."
    ),
    unless="The longer index is much larger and the shorter one serves hot, index-only lookups.",
    failing=(
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL, created_at "
        "timestamptz NOT NULL);\n"
        "CREATE INDEX posts_user_id_idx ON posts (user_id);\n"
        "CREATE INDEX posts_user_id_created_at_idx ON posts (user_id, created_at DESC);"
    ),
    passing=(
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL, created_at "
        "timestamptz NOT NULL);\n"
        "CREATE INDEX posts_created_at_idx ON posts (created_at);\n"
        "CREATE INDEX posts_user_id_created_at_idx ON posts (user_id, created_at DESC);"
    ),
    sources=("https://www.postgresql.org/docs/current/indexes-multicolumn.html",),
    fix_safety="review",
    inspect=inspect,
    remedy=remedy,
)
