"""Existing SQLAlchemy models as tables: what ``create_all`` would make of them on PostgreSQL."""

from __future__ import annotations

import ast

from knowledge.formats.models.reading import Reading, ReadModels
from knowledge.formats.sqlalchemy_models.columns import COLUMNS, ReadTable, read_column
from knowledge.formats.sqlalchemy_models.constraints import Constraints
from knowledge.formats.sqlalchemy_models.module import Module, assigned, called, keyword, read_module, text, word
from knowledge.formats.text_position import unreadable

_OTHERS = ("relationship", "synonym", "column_property", "composite", "association_proxy", "deferred", "ClassVar")
"""Attributes that are no columns."""


def read_sqlalchemy(text: str, path: str = "") -> ReadModels:
    """Tables and enums that declarative classes and ``Table`` objects declare, in the order of the text.

    Nothing is imported or run; columns of mixins and base classes count where the same text has them. What is not
    understood is a problem.
    """
    reading = Reading()
    refused = unreadable(text, path, 1)
    if refused:
        reading.problems.append(refused)
        return reading.build()
    module = read_module(text, path, reading)
    classes: dict[str, ReadTable] = {}
    for _, name, node in sorted(_declared(module), key=lambda found: found[0]):
        table = _class(node, module, reading) if isinstance(node, ast.ClassDef) else _table(node, module, reading)
        if table is not None:
            classes[name] = table
    tables = {table.draft.qualified: table for table in classes.values()}
    constraints = Constraints(tables, classes, module, reading)
    for table in tables.values():
        constraints.read(table)
    for call in module.calls:
        if called(call) == "Index":
            constraints.index(call)
    return reading.build()


def _declared(module: Module) -> list[tuple[int, str, ast.ClassDef | ast.Call]]:
    """Classes with a table and ``Table`` objects, each with its line."""
    found: list[tuple[int, str, ast.ClassDef | ast.Call]] = []
    for name, node in module.classes.items():
        if _attribute(node, "__tablename__") is not None or _attribute(node, "__table__") is not None:
            found.append((node.lineno, name, node))
    for name, value in module.values.items():
        if isinstance(value, ast.Call) and called(value) == "Table":
            found.append((value.lineno, name, value))
    return found


def _attribute(node: ast.ClassDef, name: str) -> ast.expr | None:
    return next((value for statement in node.body for key, value in assigned(statement) if key == name), None)


def _class(node: ast.ClassDef, module: Module, reading: Reading) -> ReadTable | None:
    held = _attribute(node, "__table__")
    if isinstance(held, ast.Call) and called(held) == "Table":
        return _table(held, module, reading)
    name = text(_attribute(node, "__tablename__"))
    if not name:
        reading.problem(module.at(node), f"the table of {node.name} has a name that is made when it runs")
        return None
    bases = _bases(node, module)
    arguments, schema = _table_args(next((each for each in map(_args_of, bases) if each is not None), None))
    home = _schema(bases, module) or "public"
    draft = reading.table(schema or home, name, module.at(node))
    if draft is None:
        return None
    table = ReadTable(draft, home, table_args=arguments)
    known = _annotation_map(bases, module)
    seen: set[str] = set()
    for base in sorted(bases, key=lambda each: each is not node):
        for statement in base.body:
            _member(table, statement, known, seen, module, reading)
    return table


def _args_of(node: ast.ClassDef) -> ast.expr | None:
    return _attribute(node, "__table_args__")


def _bases(node: ast.ClassDef, module: Module) -> list[ast.ClassDef]:
    """The class and its bases of the same module, nearest first."""
    found, waiting = [], [node]
    seen: set[str] = set()
    while waiting:
        each = waiting.pop(0)
        if each.name in seen:
            continue
        seen.add(each.name)
        if each is not node and _attribute(each, "__tablename__") is not None:
            continue  # a table of its own: joined inheritance shares no columns
        found.append(each)
        waiting += [module.classes[word(base)] for base in each.bases if word(base) in module.classes]
    return found


def _table_args(node: ast.expr | None) -> tuple[list[ast.expr], str]:
    """The constraints of ``__table_args__``, and the schema it names."""
    items = list(node.elts) if isinstance(node, (ast.Tuple, ast.List)) else [node] if node is not None else []
    schema = next((_schema_of(each) for each in items if isinstance(each, ast.Dict)), "")
    return [each for each in items if not isinstance(each, ast.Dict)], schema


def _schema_of(options: ast.Dict) -> str:
    pairs = zip(options.keys, options.values, strict=True)
    return next((text(value) for key, value in pairs if text(key) == "schema"), "")


def _schema(bases: list[ast.ClassDef], module: Module) -> str:
    """The schema of the metadata that a base class brings."""
    for base in bases:
        metadata = _attribute(base, "metadata")
        if isinstance(metadata, ast.Name):
            metadata = module.values.get(metadata.id)
        if isinstance(metadata, ast.Call) and (schema := text(keyword(metadata, "schema"))):
            return schema
    return ""


def _annotation_map(bases: list[ast.ClassDef], module: Module) -> dict[str, ast.expr]:
    for base in bases:
        held = _attribute(base, "type_annotation_map")
        if isinstance(held, ast.Name):
            held = module.values.get(held.id)
        if isinstance(held, ast.Dict):
            pairs = zip(held.keys, held.values, strict=True)
            return {
                ast.unparse(key) if isinstance(key, ast.Subscript) else word(key): value for key, value in pairs if key
            }
    return {}


def _member(
    table: ReadTable,
    statement: ast.stmt,
    known: dict[str, ast.expr],
    seen: set[str],
    module: Module,
    reading: Reading,
) -> None:
    """A statement of a class body, if it declares a column."""
    annotation: ast.expr | None = None
    value: ast.expr | None = None
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        name, value = statement.target.id, statement.value
        outer = statement.annotation
        annotation = _mapped(outer)
        if annotation is None and called(value) not in COLUMNS:
            return
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name, value = statement.targets[0].id, statement.value
        if called(value) not in COLUMNS:
            return
    else:
        return
    if name.startswith("__") or name in seen or called(value) in _OTHERS:
        return
    seen.add(name)
    read_column(table, name, annotation, value, known, module, reading, statement)


def _mapped(annotation: ast.expr) -> ast.expr | None:
    """What stands inside ``Mapped[...]``."""
    if text(annotation):
        try:
            annotation = ast.parse(text(annotation), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    if isinstance(annotation, ast.Subscript) and word(annotation.value) == "Mapped":
        return annotation.slice
    return None


def _table(call: ast.Call, module: Module, reading: Reading) -> ReadTable | None:
    name = text(call.args[0]) if call.args else ""
    draft = reading.table(text(keyword(call, "schema")) or "public", name, module.at(call)) if name else None
    if draft is None:
        return None
    table = ReadTable(draft)
    for argument in call.args[1:]:
        if isinstance(argument, ast.Call) and called(argument) in COLUMNS:
            read_column(
                table, text(argument.args[0]) if argument.args else "", None, argument, {}, module, reading, argument
            )
        elif isinstance(argument, ast.Call):
            table.table_args.append(argument)
    return table
