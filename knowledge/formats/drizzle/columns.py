"""Columns of a Drizzle table: their type, what they may be, and the keys declared beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from knowledge.formats.drizzle.declarations import Declarations, TableCall, columns_object, flattened
from knowledge.formats.drizzle.types import SERIAL, column_type
from knowledge.formats.models.ecmascript import Call, Source, body, chain, option, sql, string, text_of, unwrapped
from knowledge.formats.models.reading import Reading, TableDraft, cut
from knowledge.schema import Column


@dataclass(frozen=True)
class Pointer:
    """``references(() => users.id, {...})`` of one column."""

    column: str
    call: Call


@dataclass
class ReadTable:
    """A table being read: ``names`` are the columns by the keys the module calls them."""

    call: TableCall
    draft: TableDraft
    names: dict[str, str] = field(default_factory=dict)
    pointers: list[Pointer] = field(default_factory=list)

    def column(self, node: Node) -> str:
        """The column that ``table.key`` names, or ``""``."""
        node = unwrapped(node)
        if node.type != "member_expression":
            return ""
        return self.names.get(text_of(node.child_by_field_name("property")), "")


def read_columns(table: ReadTable, found: Declarations, reading: Reading, source: Source) -> None:
    """All columns of a table, with primary keys and unique constraints said beside them."""
    holder = columns_object(table.call, found)
    if holder is None:
        reading.problem(source.at(table.call.node), f"the columns of {table.draft.name} are not given as an object")
        return
    for key, value in flattened(holder, found):
        if key == "...":
            reading.problem(source.at(value), f"columns of {table.draft.name} come from elsewhere", text_of(value))
            continue
        if value.type == "shorthand_property_identifier" or unwrapped(value).type == "identifier":
            value = found.values.get(text_of(unwrapped(value)), value)
        _column(table, key, value, found, reading, source)


def _column(table: ReadTable, key: str, value: Node, found: Declarations, reading: Reading, source: Source) -> None:
    _, calls = chain(value)
    if not calls:
        reading.problem(source.at(value), f"{table.draft.name}.{key} is no column", text_of(value))
        return
    first = calls[0]
    function = found.original(first.name)
    kind = _type(table, function, first, found)
    if not kind:
        reading.problem(source.at(first.node), f"the type {function} of {table.draft.name}.{key} is not known")
        kind = "text"
    name = string(first.argument(0)) or key
    links = {call.name: call for call in calls[1:]}
    counted = function in SERIAL or "autoincrement" in links or _counts(links)
    identity = _identity(links)
    key_named = "primaryKey" in links
    column = Column(
        name,
        f"{kind}[]" if "array" in links else kind,
        nullable=not ("notNull" in links or key_named or counted or identity),
        default=_default(links, table),
        generated=_generated(links),
        identity=identity,
        sequence=f"{table.draft.schema}.{cut(f'{table.draft.name}_{name}', '_seq')}" if counted or identity else "",
    )
    table.names.setdefault(key, name)
    reading.column(table.draft, column, source.at(value))
    if key_named:
        table.draft.key(cut(table.draft.name, "_pkey"), (name,))
    if "unique" in links:
        named = string(links["unique"].argument(0))
        table.draft.unique(named or cut(f"{table.draft.name}_{name}", "_unique"), (name,))
    if "references" in links:
        table.pointers.append(Pointer(name, links["references"]))


def _type(table: ReadTable, function: str, call: Call, found: Declarations) -> str:
    if call.name in found.enums:
        return found.enums[call.name][0]
    if call.name in found.custom:
        return found.custom[call.name]
    return column_type(table.call.dialect, function, call)


def _counts(links: dict[str, Call]) -> bool:
    """Whether SQLite counts the key up."""
    options = links["primaryKey"].argument(0) if "primaryKey" in links else None
    return text_of(option(options, "autoIncrement")) == "true"


def _identity(links: dict[str, Call]) -> str:
    if "generatedAlwaysAsIdentity" in links:
        return "always"
    return "by default" if "generatedByDefaultAsIdentity" in links else ""


def _generated(links: dict[str, Call]) -> str:
    call = links.get("generatedAlwaysAs")
    if call is None:
        return ""
    return "virtual" if string(option(call.argument(1), "mode")) == "virtual" else "stored"


def _default(links: dict[str, Call], table: ReadTable) -> str:
    if "defaultNow" in links:
        return "now()"
    if "defaultRandom" in links:
        return "gen_random_uuid()"
    value = links["default"].argument(0) if "default" in links else None
    if value is None:
        return ""
    found = sql(value, table.column)
    return literal(value) if found is None else found


def literal(value: Node) -> str:
    """A JavaScript value as SQL; of what is no literal the text as it stands."""
    value = unwrapped(value)
    text = text_of(value)
    if value.type in ("number", "true", "false", "null"):
        return text
    if value.type == "unary_expression" and text.startswith("-"):
        return text
    inner = string(value) if value.type in ("string", "template_string") else text
    return "'" + inner.replace("'", "''") + "'"


def target_of(call: Call) -> tuple[str, str]:
    """The variable and key that ``() => users.id`` points to."""
    function = call.argument(0)
    returned = body(function) if function is not None else None
    if returned is None or returned.type != "member_expression":
        return "", ""
    return text_of(returned.child_by_field_name("object")), text_of(returned.child_by_field_name("property"))
