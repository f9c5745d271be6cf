"""Foreign keys whose columns no index serves."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.rules.schema._indexes import serves_lookup
from knowledge.schema import Relation, Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every foreign key that no index covers; those of a partition are judged with its parent."""
    for table in schema.tables:
        if table.partition_of:
            continue
        seen: set[frozenset[str]] = set()
        for key in table.constraints_of("foreign"):
            columns = frozenset(key.columns)
            if columns in seen or any(serves_lookup(index, key.columns) for index in table.indexes):
                continue
            seen.add(columns)
            names = ", ".join(key.columns)
            yield Hit(
                subject=f"{table.qualified}.{key.columns[0] if len(key.columns) == 1 else key.name}",
                message=(
                    f"{table.qualified} ({names}) references {key.target} and no index covers "
                    "it: each DELETE "
                    f"or key UPDATE in {key.target} reads all of {table.qualified}"
                ),
                detail=(table.qualified, *key.columns),
            )


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """An index over the key's columns, built without blocking writers where that is possible."""
    table = schema.by_name[hit.detail[0]]
    columns = hit.detail[1:]
    name = _free_name(table, columns, schema)
    target = f"{qualified(table.schema, table.name)} ({quoted_list(columns)})"
    if table.partitioned:
        return Fix(
            summary="Index the referencing columns; on a partitioned table CONCURRENTLY is not available",
            steps=[Step(sql=f"CREATE INDEX {quoted(name)} ON {target};")],
        )
    return Fix(
        summary="Index the referencing columns",
        steps=[
            Step(
                sql=f"CREATE INDEX CONCURRENTLY {quoted(name)} ON {target};",
                alone=True,
                note="in a migration that also creates the table, leave CONCURRENTLY out",
            )
        ],
    )


def _free_name(table: Relation, columns: tuple[str, ...], schema: Schema) -> str:
    """The name PostgreSQL itself would choose, made free of clashes and cut to 63 bytes."""
    base = "_".join((table.name, *columns))
    while len(f"{base}_idx99".encode()) > 63:
        base = base[:-1]
    names = (f"{base}_idx{number or ''}" for number in range(100))
    return next((name for name in names if (table.schema, name) not in schema.index_names), f"{base}_idx99")


RULE = SchemaRule(
    id="foreign-key-without-index",
    claim="A foreign key without an index on its own columns makes changes to the referenced table slow.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "PostgreSQL indexes the referenced side only. To check a DELETE or a key UPDATE there it looks for "
        "referencing rows, and without an index it reads the whole referencing table for every row removed. "
        "Joins and nested lists (`/users/:id/posts`) need the same index."
    ),
    unless="The referencing table stays small, or referenced rows are never deleted and never joined from.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),\n"
        "                    created_at timestamptz NOT NULL);\n"
        "CREATE INDEX ON posts (user_id, created_at DESC);"
    ),
    sources=("https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK",),
    fix_safety="safe",
    inspect=inspect,
    remedy=remedy,
)
