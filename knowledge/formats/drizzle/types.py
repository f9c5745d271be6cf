"""Types of Drizzle columns in PostgreSQL's spelling. https://orm.drizzle.team/docs/column-types/pg (sqlite, mysql)."""

from __future__ import annotations

from knowledge.formats.models.ecmascript import Call, option, string, text_of

_POSTGRES = {
    "uuid": "uuid",
    "text": "text",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "smallserial": "smallint",
    "serial": "integer",
    "bigserial": "bigint",
    "boolean": "boolean",
    "real": "real",
    "doublePrecision": "double precision",
    "date": "date",
    "json": "json",
    "jsonb": "jsonb",
    "bytea": "bytea",
    "inet": "inet",
    "cidr": "cidr",
    "macaddr": "macaddr",
    "macaddr8": "macaddr8",
    "point": "point",
    "line": "line",
    "interval": "interval",
    "geometry": "geometry",
    "vector": "vector",
    "halfvec": "halfvec",
    "sparsevec": "sparsevec",
    "bit": "bit",
}
_MYSQL = {
    "int": "integer",
    "tinyint": "smallint",
    "smallint": "smallint",
    "mediumint": "integer",
    "bigint": "bigint",
    "serial": "bigint",
    "float": "real",
    "double": "double precision",
    "real": "double precision",
    "boolean": "boolean",
    "text": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "json": "jsonb",
    "date": "date",
    "year": "smallint",
    "binary": "bytea",
    "varbinary": "bytea",
    "datetime": "timestamp without time zone",
    "mysqlEnum": "character varying(255)",
}
_SQLITE_INTEGERS = {
    "boolean": "boolean",
    "timestamp": "timestamp with time zone",
    "timestamp_ms": "timestamp with time zone",
}
_SQLITE_BLOBS = {"json": "jsonb", "bigint": "bigint"}

SERIAL = ("serial", "bigserial", "smallserial")


def column_type(dialect: str, function: str, call: Call) -> str:
    """The type a column function makes, or ``""`` where it is not known."""
    options = next((each for each in call.arguments if each.type == "object"), None)

    def said(name: str) -> str:
        held = option(options, name)
        return "" if held is None else string(held) or text_of(held)

    if function in ("varchar", "char"):
        word = "character varying" if function == "varchar" else "character"
        length = said("length")
        return f"{word}({length})" if length.isdigit() else word if function == "varchar" else "character(1)"
    if function in ("numeric", "decimal") and dialect != "sqlite":
        sizes = [size for size in (said("precision"), said("scale")) if size.isdigit()]
        return f"numeric({sizes[0]},{sizes[1] if len(sizes) > 1 else 0})" if sizes else "numeric"
    if function in ("timestamp", "time") and dialect != "sqlite":
        precision = said("precision") or said("fsp")
        zone = "with time zone" if said("withTimezone") == "true" else "without time zone"
        return f"{function}({precision}) {zone}" if precision.isdigit() else f"{function} {zone}"
    if dialect == "sqlite":
        return _sqlite(function, said("mode"), said("length"))
    return (_MYSQL if dialect == "mysql" else _POSTGRES).get(function, "")


def _sqlite(function: str, mode: str, length: str) -> str:
    if function == "text":
        return "jsonb" if mode == "json" else f"character varying({length})" if length.isdigit() else "text"
    if function in ("integer", "int"):
        return _SQLITE_INTEGERS.get(mode, "bigint")
    if function == "blob":
        return _SQLITE_BLOBS.get(mode, "bytea")
    return {"real": "double precision", "numeric": "numeric"}.get(function, "")
