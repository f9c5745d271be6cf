"""Parts of a schema made from what a model says, their definitions spelt as PostgreSQL's catalogs spell them."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.schema import Constraint, Index

PUBLIC = "public."


def primary_key(name: str, columns: Sequence[str]) -> Constraint:
    """A primary key."""
    return Constraint(name, "primary", tuple(columns), f"PRIMARY KEY ({quoted_list(tuple(columns))})")


def unique_constraint(name: str, columns: Sequence[str]) -> Constraint:
    """A unique constraint."""
    return Constraint(name, "unique", tuple(columns), f"UNIQUE ({quoted_list(tuple(columns))})")


def check_constraint(name: str, sql: str, columns: Sequence[str] = ()) -> Constraint:
    """A condition on every row; ``sql`` without the outer brackets."""
    return Constraint(name, "check", tuple(columns), f"CHECK ({sql})")


def foreign_key(
    name: str,
    columns: Sequence[str],
    target: str,
    target_columns: Sequence[str],
    on_delete: str = "",
    on_update: str = "",
) -> Constraint:
    """A reference to ``target`` (``schema.table``); the actions as SQL has them, empty for NO ACTION."""
    schema, _, table = target.partition(".")
    shown = qualified("" if schema == "public" else schema, table)
    text = f"FOREIGN KEY ({quoted_list(tuple(columns))}) REFERENCES {shown}({quoted_list(tuple(target_columns))})"
    for event, action in (("UPDATE", on_update), ("DELETE", on_delete)):
        if action and action != "NO ACTION":
            text += f" ON {event} {action}"
    return Constraint(name, "foreign", tuple(columns), text, target=target, target_columns=tuple(target_columns))


def index(
    name: str,
    table: str,
    keys: Sequence[tuple[str, str]],
    *,
    unique: bool = False,
    where: str = "",
    method: str = "btree",
    constraint: str = "",
    primary: bool = False,
) -> Index:
    """An index of ``table`` (``schema.table``).

    ``keys`` are columns with what follows them (``DESC``), or an empty name with the expression.
    """
    parts = ", ".join(" ".join(filter(None, (quoted(column) if column else "", rest))) for column, rest in keys)
    schema, _, bare = table.partition(".")
    kind = "UNIQUE INDEX" if unique else "INDEX"
    text = f"CREATE {kind} {quoted(name)} ON {qualified(schema, bare)} USING {method} ({parts})"
    return Index(
        name=name,
        method=method,
        columns=tuple(column for column, _ in keys),
        definition=text + (f" WHERE ({where})" if where else ""),
        unique=unique,
        primary=primary,
        partial=f"({where})" if where else "",
        constraint=constraint,
    )


def index_behind(constraint: Constraint, table: str) -> Index:
    """The index a primary key or unique constraint of ``table`` (``schema.table``) stands on."""
    keys = [(column, "") for column in constraint.columns]
    return index(
        constraint.name, table, keys, unique=True, constraint=constraint.name, primary=constraint.kind == "primary"
    )
