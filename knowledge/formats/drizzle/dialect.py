"""How the columns of a blueprint are written with Drizzle for PostgreSQL and for SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.blueprint.table import ColumnKind, ColumnType, Index


@dataclass(frozen=True)
class Dialect:
    """A dialect: the module its functions come from, and the folder its files are written to."""

    name: str
    module: str
    table: str

    def column(self, kind: ColumnType, name: str) -> tuple[str, str]:
        """The function that makes a column, and the call."""
        function, options = _sqlite(kind) if self.name == "sqlite" else _postgres(kind)
        return function, f'{function}("{name}"{f", {{ {options} }}" if options else ""})'

    def key_parts(self, index: Index, names: dict[str, str]) -> list[str]:
        """The columns of an index.

        A plain ``.desc()`` becomes ``DESC NULLS LAST`` with drizzle-kit, which serves no ``ORDER BY ... DESC``: that
        means NULLS FIRST in PostgreSQL.
        """
        if self.name == "sqlite":
            return [
                f"sql`${{table.{names[part.name]}}} desc`" if part.descending else f"table.{names[part.name]}"
                for part in index.columns
            ]
        return [
            f"table.{names[part.name]}{'.desc().nullsFirst()' if part.descending else ''}" for part in index.columns
        ]


POSTGRES = Dialect("postgres", "drizzle-orm/pg-core", "pgTable")
SQLITE = Dialect("sqlite", "drizzle-orm/sqlite-core", "sqliteTable")

_PLAIN_POSTGRES = {
    ColumnKind.UUID: ("uuid", ""),
    ColumnKind.BIGINT: ("bigint", 'mode: "number"'),
    ColumnKind.BOOLEAN: ("boolean", ""),
    # As text: Date has milliseconds, PostgreSQL microseconds, and a cursor has to be exact.
    ColumnKind.TIMESTAMP: ("timestamp", 'withTimezone: true, mode: "string"'),
    ColumnKind.DATE: ("date", 'mode: "string"'),
    ColumnKind.JSON: ("jsonb", ""),
}
_PLAIN_SQLITE = {
    ColumnKind.UUID: ("text", "length: 36"),
    ColumnKind.BIGINT: ("integer", ""),
    ColumnKind.BOOLEAN: ("integer", 'mode: "boolean"'),
    ColumnKind.TIMESTAMP: ("integer", 'mode: "timestamp_ms"'),
    ColumnKind.DATE: ("text", "length: 10"),
    ColumnKind.JSON: ("text", 'mode: "json"'),
}


def _postgres(kind: ColumnType) -> tuple[str, str]:
    if kind.kind is ColumnKind.STRING:
        return "varchar", f"length: {kind.length}"
    if kind.kind is ColumnKind.DECIMAL:
        return "numeric", f"precision: {kind.precision}, scale: {kind.scale}"
    return _PLAIN_POSTGRES[kind.kind]


def _sqlite(kind: ColumnType) -> tuple[str, str]:
    if kind.kind is ColumnKind.STRING:
        return "text", f"length: {kind.length}"
    if kind.kind is ColumnKind.DECIMAL:
        return "numeric", 'mode: "string"'
    return _PLAIN_SQLITE[kind.kind]
