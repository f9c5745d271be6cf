"""Tables as the Python of Alembic operations: the same tables on PostgreSQL and SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.blueprint.model import OnDelete
from knowledge.blueprint.table import Check, Column, ColumnKind, ColumnType, ForeignKey, Index, Table
from knowledge.identifiers import quoted

WIDTH = 84
"""Characters of one part of a long text."""

_PLAIN = {
    ColumnKind.UUID: "sa.Uuid()",
    ColumnKind.TEXT: "sa.Text()",
    ColumnKind.SMALLINT: "sa.SmallInteger()",
    ColumnKind.INTEGER: "sa.Integer()",
    ColumnKind.BIGINT: "sa.BigInteger()",
    ColumnKind.SERIAL: 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")',
    ColumnKind.BOOLEAN: "sa.Boolean()",
    ColumnKind.TIMESTAMP: "sa.DateTime(timezone=True)",
    ColumnKind.DATE: "sa.Date()",
    ColumnKind.JSON: 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")',
    ColumnKind.BINARY: "sa.LargeBinary()",
}


def create_table(table: Table) -> list[str]:
    """Statements that make a table and its indexes."""
    lines = [f'op.create_table("{table.name}",', *(f"    {item}," for item in items(table)), ")"]
    return [*lines, *(create_index(table, index) for index in table.indexes)]


def items(table: Table) -> Iterator[str]:
    """Columns and constraints, as arguments of ``op.create_table``."""
    for column in table.columns:
        yield column_code(column)
    for key in table.foreign_keys:
        yield _foreign_key(key)
    for check in table.checks:
        yield _check(check)
    yield f"sa.PrimaryKeyConstraint({_names(table.primary_key)}, name=op.f({string(table.primary_key_name)}))"
    for group in table.unique_constraints:
        name = "_".join(("uq", table.name, *group))
        yield f"sa.UniqueConstraint({_names(group)}, name=op.f({string(name)}))"


def column_code(column: Column) -> str:
    """One column."""
    return f"sa.Column({string(column.name)}, {type_code(column.type)}, nullable={column.nullable})"


def type_code(kind: ColumnType) -> str:
    """The type as SQLAlchemy has it. SQLite has no decimals, and keeps up to 15 digits exactly as a float."""
    if kind.kind is ColumnKind.STRING:
        return f"sa.String({kind.length})"
    if kind.kind is ColumnKind.DECIMAL:
        return f'sa.Numeric({kind.precision}, {kind.scale}).with_variant(sa.Float(), "sqlite")'
    return _PLAIN[kind.kind]


def create_index(table: Table, index: Index) -> str:
    """The statement that makes an index; on a new or rebuilt table only, since it stops writers."""
    parts = ", ".join(
        f"sa.text({string(quoted(part.name) + ' DESC')})" if part.descending else string(part.name)
        for part in index.columns
    )
    options = f", unique={index.unique}"
    if index.where:
        where = f"sa.text({string(index.where)})"
        options += f", postgresql_where={where}, sqlite_where={where}"
    return f"op.create_index({string(index.name)}, {string(table.name)}, [{parts}]{options})"


def drop_keys(tables: tuple[Table, ...]) -> list[str]:
    """Statements that drop the foreign keys which close cycles, so that the tables can go one by one."""
    keys = [(table, key) for table in tables for key in table.foreign_keys if key.deferred]
    lines = [f'    op.drop_constraint(op.f("{key.name}"), "{table.name}", type_="foreignkey")' for table, key in keys]
    return ["if not on_sqlite():", *lines] if lines else []


def later_keys(tables: tuple[Table, ...]) -> list[str]:
    """Foreign keys that close cycles, added when all tables are there. SQLite has them from the start."""
    keys = [(table, key) for table in tables for key in table.foreign_keys if key.deferred]
    lines = [
        f'    op.create_foreign_key(op.f("{key.name}"), "{table.name}", "{key.table}", ["{key.column}"], ["id"],'
        f" ondelete={string(on_delete(key.on_delete))})"
        for table, key in keys
    ]
    return ["if not on_sqlite():", *lines] if lines else []


def on_delete(kind: OnDelete) -> str:
    """As SQL has it, as in ``SET NULL``."""
    return kind.value.replace("_", " ").upper()


def _foreign_key(key: ForeignKey) -> str:
    later = ", use_alter=True" if key.deferred else ""
    return (
        f'sa.ForeignKeyConstraint(["{key.column}"], ["{key.table}.id"], name=op.f("{key.name}"),'
        f" ondelete={string(on_delete(key.on_delete))}{later})"
    )


def _check(check: Check) -> str:
    condition = check.sql.replace(":", "\\:")  # a colon would name a parameter
    return f"sa.CheckConstraint({string(condition)}, name=op.f({string(check.name)}))"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(string, names))


def string(text: str) -> str:
    """A Python literal, in double quotes where that needs no escape; a long one in parts that follow one another."""
    return " ".join(_literal(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """The text cut after spaces, so that each part fits on a line wherever it may fit."""
    parts = [""]
    for word in re.split(r"(?<= )", text):
        if parts[-1] and len(parts[-1]) + len(word) > WIDTH:
            parts.append("")
        parts[-1] += word
    return parts


def _literal(text: str) -> str:
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal.startswith("'") and '"' not in literal and "\\'" not in literal else literal
