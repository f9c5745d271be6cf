"""Existing collections as tables: scripts for mongosh, and what ``db.getCollectionInfos()`` exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tree_sitter import Node

from knowledge import schema_parts
from knowledge.formats.models.ecmascript import Call, Source, chain, string, text_of, unwrapped
from knowledge.formats.models.reading import Reading, ReadModels, TableDraft
from knowledge.formats.mongodb.bson_schema import column_of, condition, pointed
from knowledge.formats.mongodb.values import Unreadable, value_of
from knowledge.formats.text_position import unreadable
from knowledge.report import Location
from knowledge.schema import Column

_INDEXES = ("createIndex", "ensureIndex", "createIndexes")
_ID = Column("_id", "objectid", nullable=False)
_METHODS = {"hashed": "hash", "2dsphere": "gist", "2d": "gist", "text": "gin"}


def read_mongodb(text: str, path: str = "") -> ReadModels:
    """Collections with their validators and indexes; documents within documents are columns of type ``jsonb``.

    ``text`` is a script that calls ``createCollection``, ``collMod`` and ``createIndex``, or JSON: collections with
    ``name`` and ``options``, or validators by collection. What is not understood is a problem.
    """
    reading = Reading()
    refused = unreadable(text, path, 1)
    if refused:
        reading.problems.append(refused)
        return reading.build()
    if text.lstrip()[:1] in ("{", "["):
        _Json(reading, path).read(text)
        return reading.build()
    source = Source(text, path)
    for node in source.faults():
        reading.problem(source.at(node), "this is not JavaScript")
    _Script(reading, source).read()
    return reading.build()


def _collection(reading: Reading, name: str, schema: dict[str, Any], place: Location) -> None:
    """Put the columns of a validator into a table; a second validator of the collection replaces the first."""
    key = f"{schema_parts.PUBLIC}{name}"
    table = reading.tables.get(key) or reading.table("public", name, place)
    if table is None:
        return
    table.columns.clear()
    table.constraints.clear()
    table.indexes = [index for index in table.indexes if not index.primary]
    said = schema.get("required")
    required = {str(each) for each in said} if isinstance(said, list) else set()
    properties = schema.get("properties")
    columns = properties if isinstance(properties, dict) else {}
    if "_id" not in columns:
        reading.column(table, _ID, place)
    for column, held in columns.items():
        found = held if isinstance(held, dict) else {}
        reading.column(table, column_of(column, found, required=column in required or column == "_id"), place)
        if sql := condition(column, found):
            table.constraints.append(schema_parts.check_constraint(f"{name}_{column}_check", sql, [column]))
        target = pointed(found)
        if target and table.columns[column].type != "jsonb":
            pointing = f"{schema_parts.PUBLIC}{target}"
            table.constraints.append(schema_parts.foreign_key(f"{name}_{column}", [column], pointing, ["_id"]))
    table.key("_id_", ["_id"])


def _index(reading: Reading, table: TableDraft, keys: Any, options: Any, place: Location) -> None:
    options = options if isinstance(options, dict) else {}
    if not isinstance(keys, dict) or not keys:
        reading.problem(place, f"the keys of an index of {table.name} are not given")
        return
    special = next((_METHODS[kind] for kind in keys.values() if isinstance(kind, str) and kind in _METHODS), "btree")
    parts = [
        (
            key if key in table.columns else "",
            ("" if key in table.columns else _path(key)) + (" DESC" if way == -1 else ""),
        )
        for key, way in keys.items()
    ]
    name = options.get("name")
    named = name if isinstance(name, str) and name else "_".join(f"{key}_{way}" for key, way in keys.items())
    partial = options.get("partialFilterExpression")
    where = _where(partial) if isinstance(partial, dict) else "?" if options.get("sparse") is True else ""
    table.indexes.append(
        schema_parts.index(
            named,
            table.qualified,
            [(column, rest.strip()) for column, rest in parts],
            unique=options.get("unique") is True,
            where=where,
            method=special,
        )
    )


def _path(key: str) -> str:
    return f"(({key}))"


def _where(partial: dict[str, Any]) -> str:
    """A partial index's filter as SQL where it says that something is or is not null, else as it is."""
    parts = []
    for name, wanted in partial.items():
        if wanted is None or wanted == {"$eq": None} or wanted == {"$type": "null"}:
            parts.append(f"{name} IS NULL")
        elif isinstance(wanted, dict) and set(wanted) == {"$type"}:
            parts.append(f"{name} IS NOT NULL")
        else:
            parts.append(f"{name} = {json.dumps(wanted)}")
    return " AND ".join(parts)


def _schema_of(options: Any) -> dict[str, Any] | None:
    """The ``$jsonSchema`` of collection options."""
    validator = options.get("validator") if isinstance(options, dict) else None
    schema = validator.get("$jsonSchema") if isinstance(validator, dict) else None
    return schema if isinstance(schema, dict) else None


class _Json:
    def __init__(self, reading: Reading, path: str) -> None:
        self._reading = reading
        self._place = Location(path=path, line=1, column=1)

    def read(self, text: str) -> None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            place = Location(path=self._place.path, line=line, column=getattr(error, "colno", 1))
            self._reading.problem(place, f"this is not JSON: {getattr(error, 'msg', 'nested too deeply')}")
            return
        items = data if isinstance(data, list) else [data]
        for name, schema in (pair for item in items if isinstance(item, dict) for pair in _named(item)):
            _collection(self._reading, name, schema, self._place)
        if not self._reading.tables:
            self._reading.problem(self._place, "there is no collection with a validator in this text")


def _named(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Collections by name: one with ``name`` and ``options``, or several as keys with their validators."""
    name = item.get("name", item.get("collection", item.get("create", item.get("collMod"))))
    if isinstance(name, str):
        schema = _schema_of(item.get("options")) or _schema_of(item)
        if schema is not None:
            yield name, schema
        return
    for key, value in item.items():
        if isinstance(value, dict):
            schema = _schema_of(value) or value.get("$jsonSchema") or (value if "properties" in value else None)
            if isinstance(schema, dict):
                yield key, schema


class _Script:
    def __init__(self, reading: Reading, source: Source) -> None:
        self._reading = reading
        self._source = source
        self._known: dict[str, Node] = {}

    def read(self) -> None:
        waiting = list(reversed(self._source.tree.root_node.named_children))
        while waiting:
            node = waiting.pop()
            if node.type == "call_expression":
                self._call(node)
            elif node.type == "variable_declarator":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and value is not None:
                    self._known.setdefault(text_of(name), value)
                    waiting.append(value)
            elif node.type not in ("object", "array", "string", "template_string"):
                waiting.extend(reversed(node.named_children))

    def _call(self, node: Node) -> None:
        _, calls = chain(node)
        if not calls:
            return
        last = calls[-1]
        if last.name == "createCollection":
            self._created(last)
        elif last.name in ("runCommand", "command"):
            self._command(last)
        elif last.name in _INDEXES:
            self._indexed(node, calls)

    def _value(self, node: Node | None) -> Any:
        if node is None:
            return None
        try:
            return value_of(node, self._known)
        except Unreadable as error:
            self._reading.problem(self._source.at(error.node), "this value is made when the script runs", str(error))
            return None

    def _created(self, call: Call) -> None:
        name = string(call.argument(0))
        place = self._source.at(call.node)
        if not name:
            self._reading.problem(place, "the name of this collection is made when the script runs")
            return
        _collection(self._reading, name, _schema_of(self._value(call.argument(1))) or {}, place)

    def _command(self, call: Call) -> None:
        data = self._value(call.argument(0))
        name = data.get("collMod", data.get("create")) if isinstance(data, dict) else None
        schema = _schema_of(data)
        if isinstance(name, str) and schema is not None:
            _collection(self._reading, name, schema, self._source.at(call.node))

    def _indexed(self, node: Node, calls: list[Call]) -> None:
        place = self._source.at(node)
        name = _holder(node, calls)
        table = self._reading.tables.get(f"{schema_parts.PUBLIC}{name}")
        if table is None and name:
            table = self._reading.table("public", name, place)
            if table is not None:
                self._reading.column(table, _ID, place)
                table.key("_id_", ["_id"])
        if table is None:
            self._reading.problem(place, "the collection of this index is not known")
            return
        last = calls[-1]
        keys, options = self._value(last.argument(0)), self._value(last.argument(1))
        for each in keys if isinstance(keys, list) else [keys]:
            inner = each.get("key") if isinstance(each, dict) and isinstance(each.get("key"), dict) else each
            _index(self._reading, table, inner, options if inner is each else each, place)


def _holder(node: Node, calls: list[Call]) -> str:
    """The collection of ``db.users.createIndex``, ``db.getCollection("users").createIndex`` or ``db["users"]``."""
    before = calls[-2] if len(calls) > 1 else None
    if before is not None and before.name in ("getCollection", "collection"):
        return string(before.argument(0))
    function = unwrapped(node).child_by_field_name("function")
    held = function.child_by_field_name("object") if function is not None else None
    if held is not None and held.type == "member_expression":
        return text_of(held.child_by_field_name("property"))
    if held is not None and held.type == "subscript_expression":
        return string(held.child_by_field_name("index"))
    return ""
