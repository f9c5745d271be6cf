"""Tables without a primary key."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Index, Relation, Schema


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every ordinary or partitioned table without one; a partition is judged with its parent."""
    for table in schema.tables:
        if table.primary_key or table.partition_of or not table.columns:
            continue
        yield Hit(
            subject=table.qualified,
            message=f"{table.qualified} has no primary key: its rows cannot be told apart or replicated",
        )


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """A key over what is already unique, else over ``id``, else a new identity column."""
    table = schema.by_name[hit.subject]
    name = qualified(table.schema, table.name)
    candidate = next((index for index in table.indexes if _promotable(index, table)), None)
    if candidate is not None:
        return Fix(
            summary=f"Make the unique index {candidate.name} the primary key; it is built already",
            steps=[Step(sql=f"ALTER TABLE {name} ADD PRIMARY KEY USING INDEX {quoted(candidate.name)};")],
        )
    identity = table.column("id")
    if identity is not None and not identity.nullable:
        return Fix(
            summary="Make id the primary key; duplicates in existing rows must be removed first",
            steps=[Step(sql=f"ALTER TABLE {name} ADD PRIMARY KEY (id);")],
        )
    if identity is not None:
        return None
    return Fix(
        summary="Add a generated key, if no natural one exists; on a filled table this rewrites it",
        steps=[Step(sql=f"ALTER TABLE {name} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;")],
    )


def _promotable(index: Index, table: Relation) -> bool:
    columns = [table.column(name) for name in index.columns]
    return (
        index.unique
        and index.valid
        and index.method == "btree"
        and not index.partial
        and not index.constraint
        and not table.partitioned
        and "NULLS NOT DISTINCT" not in index.definition
        and "DESC" not in index.definition
        and "NULLS FIRST" not in index.definition
        and all(column is not None and not column.nullable for column in columns)
    )


RULE = SchemaRule(
    id="no-primary-key",
    claim="A table without a primary key cannot identify its rows.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "Without a key an application cannot address one row, duplicates cannot be removed safely, logical "
        "replication refuses UPDATE and DELETE, and no foreign key can point at the table."
    ),
    unless="The table is an append-only staging area that is loaded and emptied as a whole.",
    failing="CREATE TABLE login_attempts (email text NOT NULL, attempted_at timestamptz NOT NULL);",
    passing=(
        "CREATE TABLE login_attempts (\n"
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        "    email text NOT NULL,\n"
        "    attempted_at timestamptz NOT NULL\n"
        ");"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS",
        "https://www.postgresql.org/docs/current/logical-replication-publication.html",
    ),
    fix_safety="review",
    inspect=inspect,
    remedy=remedy,
)
