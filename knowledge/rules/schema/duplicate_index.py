"""Indexes that are the same index twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.rules.schema._indexes import body
from knowledge.schema import Index, Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every index whose method, keys, included columns and predicate another one has too."""
    for table in schema.tables:
        if table.partition_of:
            continue
        groups: defaultdict[str, list[Index]] = defaultdict(list)
        for index in table.indexes:
            if index.valid:
                groups[body(index)].append(index)
        for twins in groups.values():
            kept, *spare = sorted(twins, key=_worth)
            for index in spare:
                yield Hit(
                    subject=f"{table.qualified}.{index.name}",
                    message=f"{index.name} repeats {kept.name}: {body(index)} on {table.qualified}",
                    detail=(table.schema, index.name, "constraint" if index.constraint else "index"),
                )


def _worth(index: Index) -> tuple[bool, bool, bool, str]:
    """Sort key: what enforces something comes first and stays."""
    return (not index.primary, not index.constraint, not index.unique, index.name)


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Drop the spare one, unless it implements a constraint: that is a decision, not clean-up."""
    namespace, name, role = hit.detail
    if role == "constraint":
        return None
    table = schema.by_name[hit.subject[: -len(name) - 1]]
    if table.partitioned:
        return Fix(summary="Drop the spare index", steps=[Step(sql=f"DROP INDEX {qualified(namespace, name)};")])
    return Fix(
        summary="Drop the spare index without blocking readers or writers",
        steps=[Step(sql=f"DROP INDEX CONCURRENTLY {qualified(namespace, name)};", alone=True)],
    )


RULE = SchemaRule(
    id="duplicate-index",
    claim="Two identical indexes cost every write twice and answer no more queries than one.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "Each INSERT and most UPDATEs maintain every index, each index takes disk and cache, and the planner "
        "uses one of two identical ones. An index added beside a UNIQUE constraint is the usual case."
    ),
    unless="One of them is being built to replace the other, which is about to be dropped.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);\n"
        "CREATE INDEX users_email_idx ON users (email);"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);\n"
        "CREATE INDEX users_lower_email_idx ON users (lower(email));"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-unique.html",
        "https://www.postgresql.org/docs/current/indexes-intro.html",
    ),
    fix_safety="safe",
    inspect=inspect,
    remedy=remedy,
)
