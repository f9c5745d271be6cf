"""What a Drizzle module declares: its tables, enums, views, and the objects their columns are spread from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from knowledge.formats.models.ecmascript import Call, body, chain, members, option, string, text_of, unwrapped

_TABLES = {"pgTable": "pg", "sqliteTable": "sqlite", "mysqlTable": "mysql", "singlestoreTable": "mysql"}
_CREATORS = {"pgTableCreator": "pg", "sqliteTableCreator": "sqlite", "mysqlTableCreator": "mysql"}
_SCHEMAS = {"pgSchema": "pg", "mysqlSchema": "mysql"}
_VIEWS = ("pgView", "pgMaterializedView", "sqliteView", "mysqlView")


@dataclass(frozen=True)
class TableCall:
    """A call that makes a table; ``variable`` is what the module calls it."""

    variable: str
    dialect: str
    schema: str
    name: str
    columns: Node | None
    extras: Node | None
    node: Node


@dataclass
class Declarations:
    """Everything a module declares at its top, by the name it is called by."""

    values: dict[str, Node] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    """Local names of imports by what they are called where they come from; ``*`` for a whole module."""
    tables: list[TableCall] = field(default_factory=list)
    enums: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    """Types made by ``customType``, as their ``dataType`` returns them."""
    views: list[tuple[str, Node]] = field(default_factory=list)
    doubled: list[tuple[str, Node]] = field(default_factory=list)
    """Names that were declared before, with the later value."""

    def original(self, name: str) -> str:
        """What a function is called in Drizzle."""
        return self.imported.get(name, name)

    def object(self, node: Node) -> Node | None:
        """The object a node is or names."""
        node = unwrapped(node)
        if node.type == "identifier":
            found = self.values.get(text_of(node))
            node = unwrapped(found) if found is not None else node
        return node if node.type == "object" else None


def declarations(root: Node) -> Declarations:
    """Read the top of a module."""
    found = Declarations()
    for name, value in _variables(root, found):
        if found.values.setdefault(name, value) is not value:
            found.doubled.append((name, value))
    creators: dict[str, tuple[str, str]] = {}
    schemas: dict[str, tuple[str, str]] = {}
    for name, value in found.values.items():
        start, calls = chain(value)
        if calls:
            _declare(found, name, start, calls, creators, schemas)
    return found


def _variables(root: Node, found: Declarations) -> Iterator[tuple[str, Node]]:
    for statement in root.named_children:
        if statement.type == "import_statement":
            _imports(statement, found)
            continue
        if statement.type == "export_statement":
            statement = statement.child_by_field_name("declaration") or statement
        if statement.type not in ("lexical_declaration", "variable_declaration"):
            continue
        for declarator in statement.named_children:
            name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if name is not None and value is not None and name.type == "identifier":
                yield text_of(name), value


def _imports(statement: Node, found: Declarations) -> None:
    waiting = list(statement.named_children)
    while waiting:
        node = waiting.pop()
        if node.type == "import_specifier":
            name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
            found.imported[text_of(alias or name)] = text_of(name)
        elif node.type == "namespace_import" and node.named_child_count:
            found.imported[text_of(node.named_child(0))] = "*"
        elif node.type in ("import_clause", "named_imports"):
            waiting.extend(node.named_children)


def _declare(
    found: Declarations,
    name: str,
    start: Node | None,
    calls: list[Call],
    creators: dict[str, tuple[str, str]],
    schemas: dict[str, tuple[str, str]],
) -> None:
    first = calls[0]
    holder = text_of(start) if start is not None else ""
    function = found.original(first.name)
    if holder and found.imported.get(holder) != "*":
        dialect, schema = schemas.get(holder, ("", ""))
        if dialect and function == "table":
            found.tables.append(_table(name, dialect, schema, "", first))
        elif dialect and function == "enum":
            found.enums[name] = (f"{schema}.{string(first.argument(0))}", _strings(first.argument(1)))
        elif dialect and function in ("view", "materializedView"):
            found.views.append((f"{schema}.{string(first.argument(0))}", first.node))
    elif function in _TABLES:
        found.tables.append(_table(name, _TABLES[function], "public", "", first))
    elif first.name in creators:
        dialect, prefix = creators[first.name]
        found.tables.append(_table(name, dialect, "public", prefix, first))
    elif function in _CREATORS:
        creators[name] = (_CREATORS[function], _prefix(first.argument(0)))
    elif function in _SCHEMAS:
        schemas[name] = (_SCHEMAS[function], string(first.argument(0)) or "public")
    elif function == "pgEnum":
        found.enums[name] = (string(first.argument(0)), _strings(first.argument(1)))
    elif function == "customType":
        found.custom[name] = _custom(first.argument(0))
    elif function in _VIEWS:
        found.views.append((f"public.{string(first.argument(0))}", first.node))


def _table(variable: str, dialect: str, schema: str, prefix: str, call: Call) -> TableCall:
    name = string(call.argument(0))
    return TableCall(
        variable, dialect, schema, prefix + name if name else "", call.argument(1), call.argument(2), call.node
    )


def _strings(node: Node | None) -> tuple[str, ...]:
    node = unwrapped(node) if node is not None else None
    items = node.named_children if node is not None and node.type == "array" else []
    return tuple(string(item) for item in items if item.type != "comment")


def _prefix(function: Node | None) -> str:
    """What a table creator puts before names, where it is ``(name) => `prefix_${name}` ``."""
    returned = body(function) if function is not None else None
    if returned is None or returned.type != "template_string":
        return ""
    first = returned.named_child(0)
    return text_of(first) if first is not None and first.type == "string_fragment" else ""


def _custom(options: Node | None) -> str:
    """The type a custom column has, where its ``dataType`` returns a plain string."""
    if options is None:
        return ""
    for each in unwrapped(options).named_children:
        if each.type == "method_definition" and text_of(each.child_by_field_name("name")) == "dataType":
            inner = each.child_by_field_name("body")
            returned = [one for one in inner.named_children if one.type == "return_statement"] if inner else []
            return string(returned[0].named_child(0)) if returned else ""
    function = option(options, "dataType")
    return string(body(function)) if function is not None else ""


def columns_object(table: TableCall, found: Declarations) -> Node | None:
    """The object that holds a table's columns, given as it is or by a function."""
    if table.columns is None:
        return None
    returned = body(table.columns)
    return found.object(returned if returned is not None else table.columns)


def flattened(node: Node, found: Declarations) -> Iterator[tuple[str, Node]]:
    """The members of an object, those of spread objects of the module in their place."""
    waiting = [*reversed(list(members(node)))]
    seen: set[str] = set()
    while waiting:
        key, value = waiting.pop()
        if key != "...":
            yield key, value
            continue
        inner, name = found.object(value), text_of(value)
        if inner is None or name in seen:
            yield key, value
            continue
        seen.add(name)
        waiting.extend(reversed(list(members(inner))))
