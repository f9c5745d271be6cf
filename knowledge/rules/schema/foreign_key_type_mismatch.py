"""Foreign keys whose two sides have different types."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified, quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.rule import Hit, SchemaRule
from knowledge.schema import Schema

_TEXT = frozenset({"text", "character varying"})


def inspect(schema: Schema) -> Iterator[Hit]:
    """Every pair of referencing and referenced columns that differ in type (length apart)."""
    for table in schema.tables:
        if table.partition_of:
            continue
        for key in table.constraints_of("foreign"):
            target = schema.by_name.get(key.target)
            if target is None:
                continue
            for own_name, target_name in zip(key.columns, key.target_columns, strict=False):
                own, theirs = table.column(own_name), target.column(target_name)
                if own is None or theirs is None or _family(own.type) == _family(theirs.type):
                    continue
                yield Hit(
                    subject=f"{table.qualified}.{own_name}",
                    message=(
                        f"{table.qualified}.{own_name} is {own.type} but references "
                        f"{key.target}.{target_name}, which is {theirs.type}"
                    ),
                    detail=(table.qualified, own_name, theirs.type),
                )


def _family(name: str) -> str:
    base = name.partition("(")[0].strip()
    return "text" if base in _TEXT else base


def remedy(hit: Hit, schema: Schema) -> Fix | None:
    """Give the referencing column the type of the referenced one."""
    table = schema.by_name[hit.detail[0]]
    return Fix(
        summary="Use the referenced column's type; on a filled table this rewrites it under ACCESS EXCLUSIVE",
        steps=[
            Step(
                sql=(
                    f"ALTER TABLE {qualified(table.schema, table.name)} "
                    f"ALTER COLUMN {quoted(hit.detail[1])} TYPE {hit.detail[2]};"
                )
            )
        ],
    )


RULE = SchemaRule(
    id="foreign-key-type-mismatch",
    claim="A foreign key whose type differs from what it references breaks once values outgrow it.",
    family="schema",
    severity=Severity.MEDIUM,
    why=(
        "PostgreSQL accepts any pair of types it can compare. An integer that references a bigint key works "
        "until the key passes 2,147,483,647; then rows can no longer be referenced. Each "
        "comparison converts, "
        "which can also keep an index from being used."
    ),
    unless="The referenced values are known to stay within the smaller type.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id integer NOT NULL REFERENCES users (id));"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(200) UNIQUE);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),\n"
        "                    author text REFERENCES users (email));"
    ),
    sources=("https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK",),
    fix_safety="review",
    inspect=inspect,
    remedy=remedy,
)
