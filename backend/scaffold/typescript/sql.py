"""Tables as plain SQL of PostgreSQL and SQLite: the same tables as those of the Python stack's migrations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.scaffold.migrations import sql as postgresql
from backend.scaffold.migrations.code import on_delete
from knowledge.blueprint.table import ColumnKind, ColumnType, ForeignKey, Index, Table
from knowledge.blueprint.tables import SQLITE_KEYWORDS
from knowledge.identifiers import quoted

_SQLITE = {
    ColumnKind.UUID: "CHAR(32)",
    ColumnKind.TEXT: "TEXT",
    ColumnKind.SMALLINT: "SMALLINT",
    ColumnKind.INTEGER: "INTEGER",
    ColumnKind.BIGINT: "BIGINT",
    ColumnKind.SERIAL: "INTEGER",
    ColumnKind.DECIMAL: "FLOAT",
    ColumnKind.BOOLEAN: "BOOLEAN",
    ColumnKind.TIMESTAMP: "DATETIME",
    ColumnKind.DATE: "DATE",
    ColumnKind.JSON: "JSON",
    ColumnKind.BINARY: "BLOB",
}


def identifier(name: str) -> str:
    """A name as both engines read it."""
    return f'"{name}"' if name in SQLITE_KEYWORDS else quoted(name)


def make_tables(tables: Sequence[Table], *, sqlite: bool) -> Iterator[str]:
    """The statements that make tables, their indexes and the keys that close cycles."""
    for table in tables:
        yield create_table(table, sqlite=sqlite)
        yield from (create_index(table, index) for index in table.indexes)
    if not sqlite:  # SQLite has them from the start: it looks for the other table only when a row is written
        for table in tables:
            for key in table.foreign_keys:
                if key.deferred:
                    yield postgresql.add_constraint(table, key)


def create_table(table: Table, *, sqlite: bool, name: str = "") -> str:
    """One CREATE TABLE."""
    items = [
        *(
            f"{identifier(column.name)} {_type(column.type, sqlite=sqlite)}{'' if column.nullable else ' NOT NULL'}"
            for column in table.columns
        ),
        f"CONSTRAINT {table.primary_key_name} PRIMARY KEY ({_names(table.primary_key)})",
        *(
            f"CONSTRAINT {'_'.join(('uq', table.name, *group))} UNIQUE ({_names(group)})"
            for group in table.unique_constraints
        ),
        *(_foreign_key(key) for key in table.foreign_keys if sqlite or not key.deferred),
        *(f"CONSTRAINT {check.name} CHECK ({check.sql})" for check in table.checks),
    ]
    lines = ",\n".join(f"  {item}" for item in items)
    return f"CREATE TABLE {identifier(name or table.name)} (\n{lines}\n)"


def create_index(table: Table, index: Index) -> str:
    """One CREATE INDEX, which stops writers: on tables that are new."""
    parts = ", ".join(f"{identifier(part.name)}{' DESC' if part.descending else ''}" for part in index.columns)
    where = f" WHERE {index.where}" if index.where else ""
    unique = "UNIQUE " if index.unique else ""
    return f"CREATE {unique}INDEX {index.name} ON {identifier(table.name)} ({parts}){where}"


def _type(kind: ColumnType, *, sqlite: bool) -> str:
    if not sqlite:
        return postgresql.type_sql(kind)
    return f"VARCHAR({kind.length})" if kind.kind is ColumnKind.STRING else _SQLITE[kind.kind]


def _foreign_key(key: ForeignKey) -> str:
    target = f"{identifier(key.table)} (id) ON DELETE {on_delete(key.on_delete)}"
    return f"CONSTRAINT {key.name} FOREIGN KEY ({identifier(key.column)}) REFERENCES {target}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(identifier, names))
