"""Types of SQLAlchemy columns in PostgreSQL's spelling.

https://docs.sqlalchemy.org/en/21/core/type_basics.html; what a plain annotation means:
https://docs.sqlalchemy.org/en/21/orm/declarative_tables.html (type annotation map).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from knowledge.formats.sqlalchemy_models.module import Module, called, is_true, keyword, number, text, texts, word

ANNOTATIONS = {
    "int": "integer",
    "str": "character varying",
    "float": "double precision",
    "bool": "boolean",
    "bytes": "bytea",
    "Decimal": "numeric",
    "UUID": "uuid",
    "datetime": "timestamp without time zone",
    "date": "date",
    "time": "time without time zone",
    "timedelta": "interval",
}
_PLAIN = {
    "Integer": "integer",
    "INTEGER": "integer",
    "INT": "integer",
    "BigInteger": "bigint",
    "BIGINT": "bigint",
    "SmallInteger": "smallint",
    "SMALLINT": "smallint",
    "Boolean": "boolean",
    "BOOLEAN": "boolean",
    "Date": "date",
    "DATE": "date",
    "Text": "text",
    "TEXT": "text",
    "UnicodeText": "text",
    "Uuid": "uuid",
    "UUID": "uuid",
    "JSON": "json",
    "JSONB": "jsonb",
    "LargeBinary": "bytea",
    "BYTEA": "bytea",
    "BLOB": "bytea",
    "Interval": "interval",
    "INTERVAL": "interval",
    "INET": "inet",
    "CIDR": "cidr",
    "CITEXT": "citext",
    "HSTORE": "hstore",
    "TSVECTOR": "tsvector",
    "MONEY": "money",
    "Double": "double precision",
    "DOUBLE_PRECISION": "double precision",
    "REAL": "real",
    "Geometry": "geometry",
    "Geography": "geography",
    "Vector": "vector",
    "PickleType": "bytea",
}
_STRINGS = ("String", "VARCHAR", "Unicode", "AutoString")
_CHARACTERS = ("CHAR", "NCHAR")
_NUMBERS = ("Numeric", "NUMERIC", "DECIMAL")
_MOMENTS = {"DateTime": "timestamp", "TIMESTAMP": "timestamp", "Time": "time", "TIME": "time"}


@dataclass(frozen=True)
class Named:
    """An enum a column has the type of."""

    name: str
    values: tuple[str, ...]


def type_of(node: ast.expr, module: Module) -> tuple[str, Named | None]:
    """The type a type object makes (``""`` where it is not known), and the enum where it is one."""
    if isinstance(node, ast.Name) and node.id in module.values and not isinstance(module.values[node.id], ast.Name):
        node = module.values[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "with_variant":
        names = [text(each) for each in node.args[1:]]
        return type_of(node.args[0] if "postgresql" in names else node.func.value, module)
    name = called(node) or word(node)
    call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
    first = call.args[0] if call.args else None
    if name in _STRINGS:
        length = number(first) or number(keyword(call, "length"))
        return (f"character varying({length})" if length else "character varying"), None
    if name in _CHARACTERS:
        return f"character({number(first) or number(keyword(call, 'length')) or 1})", None
    if name in _NUMBERS:
        return _numeric(call), None
    if name in ("Float", "FLOAT"):
        precision = number(first) or number(keyword(call, "precision"))
        return ("real" if precision and int(precision) <= 24 else "double precision"), None
    if name in _MOMENTS:
        zone = is_true(first) or is_true(keyword(call, "timezone"))
        return f"{_MOMENTS[name]} {'with' if zone else 'without'} time zone", None
    if name == "ARRAY" and first is not None:
        inner, enum = type_of(first, module)
        return (f"{inner}[]" if inner else ""), enum
    if name in ("Enum", "ENUM"):
        return _enum(call, module)
    return _PLAIN.get(name, ""), None


def _numeric(call: ast.Call) -> str:
    sizes = [number(each) for each in call.args[:2]]
    precision = (sizes[0] if sizes else "") or number(keyword(call, "precision"))
    scale = (sizes[1] if len(sizes) > 1 else "") or number(keyword(call, "scale")) or "0"
    return f"numeric({precision},{scale})" if precision else "numeric"


def _enum(call: ast.Call, module: Module) -> tuple[str, Named | None]:
    first = call.args[0] if call.args else None
    values = tuple(text(each) for each in call.args if text(each))
    known = enum_values(word(first), module) if isinstance(first, (ast.Name, ast.Attribute)) else None
    name = text(keyword(call, "name")) or (word(first).lower() if known is not None else "")
    values = known if known is not None else values
    native = keyword(call, "native_enum")
    if isinstance(native, ast.Constant) and native.value is False:
        length = number(keyword(call, "length")) or str(max(map(len, values), default=1))
        return f"character varying({length})", None
    return (name or "enum"), Named(name or "enum", values)


def enum_values(name: str, module: Module) -> tuple[str, ...] | None:
    """The names of a Python enum's members, which is what SQLAlchemy stores; ``None`` where it is no enum."""
    found = module.classes.get(name)
    if found is None or not any(word(base).endswith("Enum") for base in found.bases):
        return None
    return tuple(
        target.id
        for statement in found.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    )


def annotated(node: ast.expr, module: Module, known: dict[str, ast.expr]) -> tuple[str, bool, Named | None]:
    """The type that a plain annotation means, whether it may be null, and the enum. ``known``: of the base class."""
    node, nullable = optional(node)
    name = word(node.value) if isinstance(node, ast.Subscript) else word(node)
    for key in (ast.unparse(node) if isinstance(node, ast.Subscript) else name, name):
        if key in known:
            kind, enum = type_of(known[key], module)
            return kind, nullable, enum
    values = enum_values(name, module)
    if values is not None:
        return name.lower(), nullable, Named(name.lower(), values)
    if name == "Literal" and isinstance(node, ast.Subscript):
        inner = node.slice
        longest = max(map(len, texts(inner) or [text(inner)]), default=1)
        return f"character varying({longest})", nullable, None
    return ANNOTATIONS.get(name, ""), nullable, None


def optional(node: ast.expr) -> tuple[ast.expr, bool]:
    """The annotation without ``| None`` or ``Optional``, and whether it had one; a quoted one is read as code."""
    if text(node):
        try:
            node = ast.parse(text(node), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return node, False
    if isinstance(node, ast.Subscript) and word(node.value) == "Optional":
        return node.slice, True
    if isinstance(node, ast.Subscript) and word(node.value) == "Union" and isinstance(node.slice, ast.Tuple):
        parts = [part for part in node.slice.elts if not _is_none(part)]
        return (parts[0] if parts else node), len(parts) < len(node.slice.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        if _is_none(node.right):
            return node.left, True
        if _is_none(node.left):
            return node.right, True
    return node, False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
