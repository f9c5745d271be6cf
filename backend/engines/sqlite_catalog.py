"""A SQLite database's tables, constraints and indexes as a schema, read by pragmas (https://sqlite.org/pragma.html)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.identifiers import quoted, quoted_list
from knowledge.schema import Column, Constraint, Index, Relation, Schema

if TYPE_CHECKING:
    import aiosqlite

HOME = "public"
"""The schema's name in :class:`Schema`: the one in which names without a schema are looked up."""

_TABLES = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\b", re.IGNORECASE)
_FLAG = re.compile(r"^(is|has|was|can)_|^(active|enabled|disabled|deleted|archived|verified|done)$")
_WHERE = re.compile(r"\bWHERE\b(?P<predicate>.*)\Z", re.IGNORECASE | re.DOTALL)
_LISTED = re.compile(r"CHECK\s*\(\s*[\"`\[]?(?P<column>\w+)[\"`\]]?\s+IN\s*\((?P<values>[^()]*)\)\s*\)", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(-?\d+)")
_TYPES = (
    (re.compile(r"INT|BOOL"), "bigint"),
    (re.compile(r"CHAR|CLOB|TEXT"), "text"),
    (re.compile(r"BLOB"), "bytea"),
    (re.compile(r"REAL|FLOA|DOUB"), "double precision"),
    (re.compile(r"TIMESTAMP|DATETIME"), "timestamp without time zone"),
    (re.compile(r"DATE"), "date"),
    (re.compile(r"NUM|DEC"), "numeric"),
)
GENERATED = {2: "virtual", 3: "stored"}
"""``hidden`` of table_xinfo."""


@dataclass(frozen=True)
class SqliteCatalog:
    """A schema in lower case, since SQLite's names know no case, and how its names were written."""

    schema: Schema
    spelled: Mapping[str, str]
    """Tables and columns by their name in lower case; a column as ``table.column``."""
    views: Mapping[str, str] = field(default_factory=dict)
    """CREATE VIEW statements by the view's name in lower case."""

    def table(self, name: str) -> str:
        """A table's name as it was written; ``name`` may have the schema before it."""
        bare = name.rpartition(".")[2].lower()
        return self.spelled.get(bare, bare)

    def column(self, table: str, name: str) -> str:
        """A column's name as it was written."""
        return self.spelled.get(f"{table.rpartition('.')[2]}.{name}".lower(), name)


async def read_sqlite_catalog(connection: aiosqlite.Connection) -> SqliteCatalog:
    """The tables of a database; virtual ones and those of SQLite itself are left out."""
    spelled: dict[str, str] = {}
    tables = []
    for name, sql in await _all(connection, _TABLES):
        if not _VIRTUAL.match(sql or ""):
            tables.append(await _relation(connection, name, sql or "", spelled))
    found = await _all(connection, "SELECT name, sql FROM sqlite_schema WHERE type = 'view'")
    views = {name.lower(): sql for name, sql in found}
    return SqliteCatalog(Schema(tuple(tables), views=tuple(f"{HOME}.{name}" for name in views)), spelled, views)


async def _relation(connection: aiosqlite.Connection, name: str, sql: str, spelled: dict[str, str]) -> Relation:
    table = name.lower()
    spelled[table] = name
    rows = [row for row in await _all(connection, f"PRAGMA table_xinfo({quoted(name)})") if row[6] != 1]
    for row in rows:
        spelled[f"{table}.{row[1].lower()}"] = row[1]
    key = tuple(row[1].lower() for row in sorted(rows, key=lambda row: int(row[5])) if row[5])
    rowid = len(key) == 1 and any(row[5] and row[2].upper() == "INTEGER" for row in rows)
    indexes = [index async for index in _indexes(connection, name)]
    if rowid:
        columns = quoted_list(key)
        definition = f"CREATE UNIQUE INDEX rowid ON {quoted(table)} ({columns})"
        indexes.append(Index(f"{table}_rowid", "btree", key, definition, unique=True, primary=True))
    constraints = [
        *([Constraint(f"{table}_pkey", "primary", key, f"PRIMARY KEY ({quoted_list(key)})")] if key else []),
        *[
            Constraint(each.name, "unique", each.columns, f"UNIQUE ({quoted_list(each.columns)})")
            for each in indexes
            if each.unique and not each.primary and not each.partial and all(each.columns)
        ],
        *await _foreign_keys(connection, name),
        *_checks(table, sql),
        *_flags(table, rows),
    ]
    return Relation(HOME, table, tuple(_column(row) for row in rows), tuple(constraints), tuple(indexes))


def _column(row: tuple[object, ...]) -> Column:
    name, declared = str(row[1]).lower(), str(row[2]).upper()
    kind = next((kind for pattern, kind in _TYPES if pattern.search(declared)), "text")
    return Column(name, kind, nullable=not row[3], default=str(row[4] or ""), generated=_generated(row[6]))


def _generated(hidden: object) -> str:
    return GENERATED.get(hidden, "") if isinstance(hidden, int) else ""


async def _indexes(connection: aiosqlite.Connection, table: str) -> AsyncIterator[Index]:
    for _, name, unique, origin, partial in await _all(connection, f"PRAGMA index_list({quoted(table)})"):
        parts = [row for row in await _all(connection, f"PRAGMA index_xinfo({quoted(name)})") if row[5]]
        texts = await _all(connection, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", name)
        sql = texts[0][0] if texts else ""  # a table WITHOUT ROWID is its own index
        columns = tuple((row[2] or "").lower() for row in parts)
        keys = ", ".join(
            f"{quoted(column)}{' DESC' if row[3] else ''}" for column, row in zip(columns, parts, strict=True)
        )
        where = _WHERE.search(sql or "") if partial else None
        predicate = where["predicate"].strip() if where else ""
        readable = f"CREATE INDEX {quoted(name)} ON {quoted(table.lower())} ({keys})"
        definition = (f"{readable} WHERE {predicate}" if predicate else readable) if all(columns) else sql or ""
        yield Index(
            name, "btree", columns, definition, bool(unique), origin == "pk", partial=predicate,
            constraint=name if origin != "c" else "",
        )  # fmt: skip


async def _foreign_keys(connection: aiosqlite.Connection, table: str) -> list[Constraint]:
    found: dict[int, list[tuple[str, str, str]]] = {}
    for row in await _all(connection, f"PRAGMA foreign_key_list({quoted(table)})"):
        found.setdefault(row[0], []).append((row[2].lower(), row[3].lower(), (row[4] or "").lower()))
    return [
        Constraint(
            f"{table.lower()}_{number}_fkey",
            "foreign",
            tuple(column for _, column, _ in parts),
            f"FOREIGN KEY ({quoted_list([column for _, column, _ in parts])}) REFERENCES {quoted(parts[0][0])}",
            target=f"{HOME}.{parts[0][0]}",
            target_columns=tuple(there for *_, there in parts if there),
        )
        for number, parts in found.items()
    ]


def _checks(table: str, sql: str) -> Iterator[Constraint]:
    """CHECKs that list a column's values, in the form in which PostgreSQL gives them back."""
    for place, match in enumerate(_LISTED.finditer(sql)):
        values = [text.replace("''", "'") or number for text, number in _LITERAL.findall(match["values"])]
        yield _listing(table, match["column"].lower(), str(place), values)


def _flags(table: str, rows: list[tuple[object, ...]]) -> Iterator[Constraint]:
    """The two values of BOOLEAN columns and of those whose names say so: SQLite has no such type."""
    for row in rows:
        name, declared = str(row[1]).lower(), str(row[2]).upper()
        if "BOOL" in declared or ("INT" in declared and _FLAG.match(name)):
            yield _listing(table, name, "flag", ("0", "1"))


def _listing(table: str, column: str, word: str, values: Iterable[str]) -> Constraint:
    listed = ", ".join("'" + value.replace("'", "''") + "'::text" for value in values)
    return Constraint(
        f"{table}_{column}_{word}_check", "check", (column,), f"CHECK (({column} = ANY (ARRAY[{listed}])))"
    )


async def _all(connection: aiosqlite.Connection, query: str, *values: str) -> list[tuple]:  # type: ignore[type-arg]
    async with connection.execute(query, values) as cursor:
        return [tuple(row) for row in await cursor.fetchall()]
