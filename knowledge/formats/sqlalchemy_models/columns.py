"""Columns of SQLAlchemy models: typed attributes, ``mapped_column`` and ``Column``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from knowledge.formats.models.reading import Reading, TableDraft, cut
from knowledge.formats.sqlalchemy_models.module import (
    Module,
    called,
    is_false,
    is_true,
    keyword,
    text,
    word,
)
from knowledge.formats.sqlalchemy_models.types import annotated, optional, type_of
from knowledge.schema import Column

COLUMNS = ("mapped_column", "Column")
_TYPELESS = ("ForeignKey", "Identity", "Computed", "Sequence", "FetchedValue", "CheckConstraint")


@dataclass(frozen=True)
class Pointer:
    """A ``ForeignKey(...)`` beside a column."""

    column: str
    call: ast.Call


@dataclass
class ReadTable:
    """A table being read: ``names`` are the columns by attribute."""

    draft: TableDraft
    home: str = "public"
    """The schema of the metadata, where names without one lead."""
    names: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    unique: list[str] = field(default_factory=list)
    indexed: list[tuple[str, bool]] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    table_args: list[ast.expr] = field(default_factory=list)
    uncounted: set[str] = field(default_factory=set)
    """Whole-number columns that say ``autoincrement=False`` or have a default."""


def read_column(
    table: ReadTable,
    attribute: str,
    annotation: ast.expr | None,
    value: ast.expr | None,
    known: dict[str, ast.expr],
    module: Module,
    reading: Reading,
    place: ast.expr | ast.stmt,
) -> None:
    """One column. ``annotation`` is what stands inside ``Mapped[...]``; ``known`` the type annotation map."""
    said, annotation = _said(value, annotation, module)
    call = _merged(said)
    positional = list(call.args)
    name = text(positional[0]) if positional and text(positional[0]) else text(keyword(call, "name")) or attribute
    if positional and text(positional[0]):
        positional.pop(0)
    kind, nullable = _type(table, name, annotation, call, positional, known, module, reading, place)
    if is_true(keyword(call, "primary_key")):
        table.key.append(name)
        nullable = False
    elif (asked := keyword(call, "nullable")) is not None and isinstance(asked, ast.Constant):
        nullable = bool(asked.value)
    helpers = {called(each): each for each in positional if isinstance(each, ast.Call)}
    default = _default(keyword(call, "server_default"))
    identity = _identity(helpers.get("Identity"))
    generated = _generated(helpers.get("Computed"))
    if is_false(keyword(call, "autoincrement")) or default or identity or "ForeignKey" in helpers:
        table.uncounted.add(name)
    sequence = f"{table.draft.schema}.{cut(f'{table.draft.name}_{name}', '_seq')}" if identity else ""
    nullable = nullable and not identity
    column = Column(
        name, kind, nullable=nullable, default=default, generated=generated, identity=identity, sequence=sequence
    )
    table.names.setdefault(attribute, name)
    reading.column(table.draft, column, module.at(place))
    if is_true(keyword(call, "unique")):
        if is_true(keyword(call, "index")):
            table.indexed.append((name, True))
        else:
            table.unique.append(name)
    elif is_true(keyword(call, "index")):
        table.indexed.append((name, False))
    pointers = [each for each in positional if isinstance(each, ast.Call) and called(each) == "ForeignKey"]
    table.pointers.extend(Pointer(name, each) for each in pointers)


def _said(
    value: ast.expr | None, annotation: ast.expr | None, module: Module
) -> tuple[list[ast.Call], ast.expr | None]:
    """The calls that say something of a column: its own, and those of ``Annotated`` aliases; and the plain type."""
    said = [value] if isinstance(value, ast.Call) and called(value) in COLUMNS else []
    seen: set[str] = set()
    while annotation is not None:
        inner, nullable = optional(annotation)
        if isinstance(inner, ast.Name) and inner.id in module.values and inner.id not in seen:
            seen.add(inner.id)
            alias = module.values[inner.id]
            if isinstance(alias, ast.Subscript) and word(alias.value) == "Annotated":
                annotation = _or_none(alias, nullable)
                continue
        if isinstance(inner, ast.Subscript) and word(inner.value) == "Annotated" and isinstance(inner.slice, ast.Tuple):
            parts = inner.slice.elts
            said += [each for each in parts[1:] if isinstance(each, ast.Call) and called(each) in COLUMNS]
            annotation = _or_none(parts[0], nullable) if parts else None
            continue
        break
    return said, annotation


def _or_none(node: ast.expr, nullable: bool) -> ast.expr:
    return ast.BinOp(node, ast.BitOr(), ast.Constant(None)) if nullable else node


def _merged(said: list[ast.Call]) -> ast.Call:
    """One call that says all; what stands first counts."""
    arguments = [argument for call in said for argument in call.args]
    return ast.Call(ast.Name("mapped_column"), arguments, [each for call in said for each in call.keywords])


def _type(
    table: ReadTable,
    name: str,
    annotation: ast.expr | None,
    call: ast.Call,
    positional: list[ast.expr],
    known: dict[str, ast.expr],
    module: Module,
    reading: Reading,
    place: ast.expr | ast.stmt,
) -> tuple[str, bool]:
    """The column's type and whether it may be null by its annotation; without one it may."""
    kind, nullable, enum = ("", True, None) if annotation is None else annotated(annotation, module, known)
    explicit = keyword(call, "type_") or next((each for each in positional if called(each) not in _TYPELESS), None)
    if explicit is not None:
        kind, enum = type_of(explicit, module)
    if enum is not None:
        reading.enums[enum.name] = enum.values
    pointing = any(called(each) == "ForeignKey" for each in positional)
    if not kind and not (explicit is None and pointing):
        said = explicit or annotation
        shown = ast.unparse(said) if said is not None else "none"
        reading.problem(module.at(place), f"the type of {table.draft.name}.{name} is not known: {shown[:80]}")
        kind = "text"
    return kind, nullable


def _default(node: ast.expr | None) -> str:
    """A server default as SQL."""
    if node is None:
        return ""
    if isinstance(node, ast.Call) and called(node) in ("text", "literal_column") and node.args:
        return text(node.args[0])
    if text(node) or (isinstance(node, ast.Constant) and node.value == ""):
        return "'" + text(node).replace("'", "''") + "'"
    if isinstance(node, ast.Call):
        return f"{called(node)}()" if not node.args else f"{called(node)}(...)"
    return {"true": "true", "false": "false"}.get(word(node), word(node))


def _identity(call: ast.Call | None) -> str:
    if call is None:
        return ""
    return "always" if is_true(keyword(call, "always")) or any(is_true(each) for each in call.args) else "by default"


def _generated(call: ast.Call | None) -> str:
    if call is None:
        return ""
    return "virtual" if is_false(keyword(call, "persisted")) else "stored"
