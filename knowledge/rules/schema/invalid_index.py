"""Indexes that are maintained but never used."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every index the catalog marks invalid."""
    for table in schema.tables:
        for index in table.indexes:
            if not index.valid:
                reason = (
                    "not every partition has its part attached"
                    if table.partitioned
                    else "a concurrent build of it failed"
                )
                yield Hit(
                    subject=f"{table.qualified}.{index.name}",
                    message=f"{index.name} on {table.qualified} is invalid ({reason}): no query uses it",
                    detail=(table.schema, index.name, "partitioned" if table.partitioned else ""),
                )


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Build it again; on a partitioned table the missing parts are for the author to attach."""
    namespace, name, partitioned = hit.detail
    if partitioned:
        return None
    return Fix(
        summary="Build the index again without blocking writers; remove duplicates first if it is unique",
        steps=[Step(sql=f"REINDEX INDEX CONCURRENTLY {qualified(namespace, name)};", alone=True)],
    )


RULE = SchemaRule(
    id="invalid-index",
    claim="An invalid index costs writes and answers no query.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "A failed CREATE INDEX CONCURRENTLY leaves its index behind, and CREATE INDEX ON ONLY makes one that "
        "stays invalid until every partition has an attached part. Writes may still maintain it; the planner "
        "ignores it, and IF NOT EXISTS then skips the build that was wanted."
    ),
    unless="The remaining partitions are attached by a later migration.",
    failing=(
        "CREATE TABLE events (at timestamptz NOT NULL, id bigint NOT NULL, PRIMARY KEY (at, id))\n"
        "    PARTITION BY RANGE (at);\n"
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
        "CREATE INDEX events_id_idx ON ONLY events (id);"
    ),
    passing=(
        "CREATE TABLE events (at timestamptz NOT NULL, id bigint NOT NULL, PRIMARY KEY (at, id))\n"
        "    PARTITION BY RANGE (at);\n"
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
        "CREATE INDEX events_id_idx ON ONLY events (id);\n"
        "CREATE INDEX events_2026_id_idx ON events_2026 (id);\n"
        "ALTER INDEX events_id_idx ATTACH PARTITION events_2026_id_idx;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",
        "https://www.postgresql.org/docs/current/ddl-partitioning.html",
    ),
    fix_safety="safe",
    inspect=inspect,
    remedy=remedy,
)
