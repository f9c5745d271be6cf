"""``$jsonSchema`` documents as columns: types in PostgreSQL's spelling, bounds and lists of values as conditions."""

from __future__ import annotations

from typing import Any

from knowledge.formats.mongodb.validator import DATE_PATTERN, UUID_TITLE
from knowledge.identifiers import quoted
from knowledge.schema import Column

_TYPES = {
    "int": "integer",
    "long": "bigint",
    "double": "double precision",
    "number": "numeric",
    "integer": "bigint",
    "decimal": "numeric",
    "bool": "boolean",
    "boolean": "boolean",
    "date": "timestamp with time zone",
    "timestamp": "timestamp with time zone",
    "objectId": "objectid",
    "object": "jsonb",
    "array": "jsonb",
    "regex": "text",
    "javascript": "text",
}


def types(schema: dict[str, Any]) -> list[str]:
    """The names of types a schema allows, null included."""
    said = schema.get("bsonType", schema.get("type"))
    names = said if isinstance(said, list) else [said] if said is not None else []
    return [name for name in names if isinstance(name, str)]


def column_of(name: str, schema: dict[str, Any], *, required: bool) -> Column:
    """The column a property is."""
    names = types(schema)
    values = schema.get("enum")
    null = "null" in names or (isinstance(values, list) and None in values)
    anything = not names and values is None and schema.get("not") is None
    return Column(name, column_type(schema), nullable=not required or null or anything)


def column_type(schema: dict[str, Any]) -> str:
    """The type of a property, ``jsonb`` where it may be of several."""
    names = [name for name in types(schema) if name != "null"]
    if set(names) == {"int", "long"}:
        return "bigint"
    if not names and isinstance(schema.get("enum"), list) and all(_is_text(value) for value in schema["enum"]):
        return "text"
    if len(names) != 1:
        return "jsonb"
    if names[0] == "binData":
        title = str(schema.get("title", "")).lower()
        return (
            "uuid" if title == UUID_TITLE.lower() or title.endswith("._id") or "uuid" in _described(schema) else "bytea"
        )
    if names[0] == "string":
        if schema.get("pattern") == DATE_PATTERN:
            return "date"
        longest = schema.get("maxLength")
        return f"character varying({longest})" if isinstance(longest, int) and longest > 0 else "text"
    return _TYPES.get(names[0], "jsonb")


def _described(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).lower()


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def condition(name: str, schema: dict[str, Any]) -> str:
    """The list of values and the bounds of a property as SQL; empty where it has none."""
    values = schema.get("enum")
    if isinstance(values, list) and values and all(_is_text(value) for value in values):
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values if value is not None)
        return f"{quoted(name)} IN ({listed})" if listed else ""
    parts = []
    for keyword, exclusive, mark in (("minimum", "exclusiveMinimum", ">"), ("maximum", "exclusiveMaximum", "<")):
        bound = schema.get(keyword)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool):
            parts.append(f"{quoted(name)} {mark}{'' if schema.get(exclusive) is True else '='} {bound}")
    least = schema.get("minLength")
    if isinstance(least, int) and least > 0 and "string" in types(schema):
        parts.append(f"char_length({quoted(name)}) >= {least}")
    return " AND ".join(parts)


def pointed(schema: dict[str, Any]) -> str:
    """The collection a property's title says it points to (``users._id``), or ``""``."""
    title = schema.get("title")
    return title.removesuffix("._id") if isinstance(title, str) and title.endswith("._id") else ""
