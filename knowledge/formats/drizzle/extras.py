"""What a Drizzle table declares beside its columns: keys, references, conditions and indexes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

from knowledge import schema_parts
from knowledge.formats.drizzle.columns import ReadTable, target_of
from knowledge.formats.drizzle.declarations import Declarations
from knowledge.formats.models.ecmascript import (
    Call,
    Source,
    body,
    chain,
    members,
    option,
    sql,
    string,
    text_of,
    unwrapped,
)
from knowledge.formats.models.reading import Reading, columns_of, cut

_IGNORED = ("pgPolicy", "crudPolicy", "comment")
_DESCENDING = re.compile(r'("?[\w$]+"?)\s+desc(?:\s+nulls\s+first)?', re.IGNORECASE)


def read_extras(
    table: ReadTable, tables: Mapping[str, ReadTable], found: Declarations, reading: Reading, source: Source
) -> None:
    """The third argument of a table, and the references said beside its columns."""
    for pointer in table.pointers:
        variable, key = target_of(pointer.call)
        _reference(
            table,
            tables,
            reading,
            source,
            pointer.call.node,
            "",
            [pointer.column],
            variable,
            [key],
            pointer.call.argument(1),
        )
    for item in _items(table.call.extras):
        start, calls = chain(item)
        function = found.original(calls[0].name) if calls else ""
        if not calls or (start is not None and found.imported.get(text_of(start)) != "*"):
            reading.problem(source.at(item), f"what is declared of {table.draft.name} here is not known", text_of(item))
        elif function in ("index", "uniqueIndex"):
            _index(table, calls, reading, source, unique=function == "uniqueIndex")
        elif function == "unique":
            _unique(table, calls, reading, source)
        elif function == "primaryKey":
            _key(table, calls[0], reading, source)
        elif function == "foreignKey":
            _foreign(table, calls, tables, reading, source)
        elif function == "check":
            _check(table, calls[0])
        elif function not in _IGNORED:
            reading.problem(source.at(item), f"{function}() of {table.draft.name} is not known")


def _items(extras: Node | None) -> list[Node]:
    returned = body(extras) if extras is not None else None
    if returned is None:
        return []
    if returned.type == "array":
        return [each for each in returned.named_children if each.type != "comment"]
    return [value for _, value in members(returned)] if returned.type == "object" else []


def _columns(table: ReadTable, node: Node | None) -> list[str]:
    """The columns of an array of ``table.key``."""
    node = unwrapped(node) if node is not None else None
    items = node.named_children if node is not None and node.type == "array" else []
    return [table.column(item) for item in items if item.type != "comment"]


def _complete(table: ReadTable, columns: list[str], node: Node, reading: Reading, source: Source) -> bool:
    if columns and "" not in columns:
        return True
    reading.problem(source.at(node), f"columns of {table.draft.name} that are named here are not known", text_of(node))
    return False


def _key(table: ReadTable, call: Call, reading: Reading, source: Source) -> None:
    options = call.argument(0)
    if options is not None and options.type == "object":
        columns, name = _columns(table, option(options, "columns")), string(option(options, "name"))
    else:
        columns, name = [table.column(each) for each in call.arguments], ""
    if _complete(table, columns, call.node, reading, source):
        table.draft.key(name or cut("_".join((table.draft.name, *columns)), "_pk"), columns)


def _unique(table: ReadTable, calls: list[Call], reading: Reading, source: Source) -> None:
    on = next((call for call in calls if call.name == "on"), None)
    columns = [table.column(each) for each in on.arguments] if on else []
    if _complete(table, columns, calls[0].node, reading, source):
        name = string(calls[0].argument(0))
        table.draft.unique(name or cut("_".join((table.draft.name, *columns)), "_unique"), columns)


def _check(table: ReadTable, call: Call) -> None:
    condition = sql(call.argument(1), table.column) or "?"
    name = string(call.argument(0))
    used = columns_of(condition, table.draft.columns)
    table.draft.constraints.append(schema_parts.check_constraint(name, condition, used))


def _foreign(
    table: ReadTable, calls: list[Call], tables: Mapping[str, ReadTable], reading: Reading, source: Source
) -> None:
    options = calls[0].argument(0)
    columns = _columns(table, option(options, "columns"))
    ends = option(options, "foreignColumns")
    variables = [each.child_by_field_name("object") for each in unwrapped(ends).named_children] if ends else []
    keys = [text_of(each.child_by_field_name("property")) for each in unwrapped(ends).named_children] if ends else []
    variable = text_of(variables[0]) if variables else ""
    if variable and variable not in tables:
        variable = table.call.variable  # the parameter stands for the table itself
    if not _complete(table, columns, calls[0].node, reading, source):
        return
    actions = {call.name: string(call.argument(0)) for call in calls[1:]}
    name = string(option(options, "name"))
    _reference(table, tables, reading, source, calls[0].node, name, columns, variable, keys, None, actions)


def _reference(
    table: ReadTable,
    tables: Mapping[str, ReadTable],
    reading: Reading,
    source: Source,
    node: Node,
    name: str,
    columns: list[str],
    variable: str,
    keys: list[str],
    options: Node | None,
    actions: Mapping[str, str] | None = None,
) -> None:
    target = tables.get(variable)
    ends = [target.names.get(key, "") for key in keys] if target is not None else []
    if target is None or "" in ends or len(ends) != len(columns):
        pointed = f"{variable}.{', '.join(keys)}" if variable else "something else than a column"
        told = f"{table.draft.name} ({', '.join(columns)}) points to {pointed}, which this text does not declare"
        reading.problem(source.at(node), told)
        return
    said = actions or {event: string(option(options, event)) for event in ("onDelete", "onUpdate")}
    parts = (table.draft.name, *columns, target.draft.name, *ends)
    table.draft.constraints.append(
        schema_parts.foreign_key(
            name or cut("_".join(parts), "_fk"),
            columns,
            target.draft.qualified,
            ends,
            on_delete=said.get("onDelete", "").upper(),
            on_update=said.get("onUpdate", "").upper(),
        )
    )


def _index(table: ReadTable, calls: list[Call], reading: Reading, source: Source, *, unique: bool) -> None:
    on = next((call for call in calls if call.name in ("on", "onOnly", "using")), None)
    where = next((call for call in calls if call.name == "where"), None)
    items = list(on.arguments) if on else []
    method = "btree"
    if on is not None and on.name == "using":
        method, items = string(on.argument(0)) or "btree", items[1:]
    keys = [_part(table, item) for item in items]
    if not keys or ("", "") in keys:
        _complete(table, [], calls[0].node, reading, source)
        return
    columns = [column or "expression" for column, _ in keys]
    name = string(calls[0].argument(0)) or cut("_".join((table.draft.name, *columns)), "_index")
    predicate = sql(where.argument(0), table.column) if where else ""
    if where is not None and predicate is None:
        reading.problem(source.at(where.node), f"the condition of the index {name} is not given as SQL")
    table.draft.indexes.append(
        schema_parts.index(
            name, table.draft.qualified, keys, unique=unique, where=predicate or ("?" if where else ""), method=method
        )
    )


def _part(table: ReadTable, item: Node) -> tuple[str, str]:
    """One key part: a column with its order, or an expression."""
    expression = sql(item, table.column)
    if expression is not None:
        descending = _DESCENDING.fullmatch(expression)
        name = descending[1].strip('"') if descending else expression.strip('"')
        if name in table.draft.columns:
            return name, "DESC" if descending else ""
        return "", f"({expression})"
    start, calls = chain(item)
    column = table.column(start) if start is not None else ""
    if not column:
        return "", ""
    words = {call.name for call in calls}
    if "desc" in words:  # NULLS LAST unless said otherwise, as drizzle-kit writes it
        order = "DESC" if "nullsFirst" in words else "DESC NULLS LAST"
    else:
        order = "NULLS FIRST" if "nullsFirst" in words else ""
    operators = next((string(call.argument(0)) for call in calls if call.name == "op"), "")
    return column, " ".join(filter(None, (operators, order)))
