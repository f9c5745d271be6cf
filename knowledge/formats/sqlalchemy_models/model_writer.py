"""Models of a blueprint as typed declarative classes; every constraint has the blueprint's own name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.table import Check, Column, ColumnKind, ColumnType, ForeignKey, Index
from knowledge.formats.models.graph import Link, Model, Reference
from knowledge.formats.sqlalchemy_models.code import WIDTH, call, docstring, literal

_PYTHON = {
    ColumnKind.UUID: "UUID",
    ColumnKind.STRING: "str",
    ColumnKind.BIGINT: "int",
    ColumnKind.DECIMAL: "Decimal",
    ColumnKind.BOOLEAN: "bool",
    ColumnKind.TIMESTAMP: "datetime",
    ColumnKind.DATE: "date",
    ColumnKind.JSON: "Any",
}
_TYPES = {
    ColumnKind.UUID: "Uuid",
    ColumnKind.BIGINT: "BigInteger",
    ColumnKind.BOOLEAN: "Boolean",
    ColumnKind.TIMESTAMP: "DateTime(timezone=True)",
    ColumnKind.DATE: "Date",
    ColumnKind.JSON: 'JSON().with_variant(JSONB(), "postgresql")',
}
_IMPORTS = (
    "JSON BigInteger Boolean CheckConstraint Column Date DateTime Float ForeignKey Index Numeric "
    "PrimaryKeyConstraint String Table Uuid text"
).split()
_HEAD = """{standard}

class Base(DeclarativeBase):
    \"\"\"Base of all models. Relations load nothing by themselves: a query names what it needs.\"\"\"


def _now() -> datetime:
    return datetime.now(UTC)
"""


def model_module(made: Mapping[str, Model]) -> str:
    """The whole module of models."""
    bodies = [_class(model, made) if model.resource is not None else _pairs(model) for model in made.values()]
    text = "\n\n".join(bodies)
    if not any("relationship" in (column.name for column in model.table.columns) for model in made.values()):
        text = text.replace(" = _relationship(", " = relationship(")
    return f"{_HEAD.format(standard=_imports(text))}\n\n{text}"


def _imports(text: str) -> str:
    def used(name: str) -> bool:
        return re.search(rf"\b{name}\b", text) is not None

    lines = ['"""Tables as classes."""', "", "from __future__ import annotations", ""]
    lines.append("from datetime import UTC, " + ("date, " if used("date") else "") + "datetime")
    lines += [
        f"from {module} import {name}" for module, name in (("decimal", "Decimal"), ("typing", "Any")) if used(name)
    ]
    names = [name for name in ("UUID", "uuid4") if used(name)]
    lines += [f"from uuid import {', '.join(names)}"] if names else []
    found = [name for name in _IMPORTS if used(name) and (name != "text" or "=text(" in text)]
    lines += ["", call_import("sqlalchemy", found)]
    if used("JSONB"):
        lines.append("from sqlalchemy.dialects.postgresql import JSONB")
    names = ["DeclarativeBase", "Mapped", "mapped_column", *["relationship"] * used("relationship")]
    lines.append(f"from sqlalchemy.orm import {', '.join(names)}")
    lines += [*["from sqlalchemy.orm import relationship as _relationship"] * used("_relationship"), ""]
    return "\n".join(lines)


def call_import(module: str, names: list[str]) -> str:
    """An import, on many lines where it is long."""
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= WIDTH else call(f"from {module} import ", names)


def _class(model: Model, made: Mapping[str, Model]) -> str:
    table = model.table
    description = model.resource.description if model.resource is not None else ""
    lines = [f"class {model.class_name}(Base):", f"    {docstring(description, f'One of {table.name}.')}", ""]
    lines.append(f'    __tablename__ = "{table.name}"')
    items = list(_table_items(model))
    if len(items) == 1:
        lines += [f"    __table_args__ = ({items[0]},)", ""]
    else:
        lines += ["    __table_args__ = (", *(f"        {item}," for item in items), "    )", ""]
    for column in table.columns:
        lines.append(f"    {_attribute(model, column)}")
    if any(column.name == "version" and not column.field for column in table.columns):
        lines += ["", '    __mapper_args__ = {"version_id_col": version}']
    ends = [*_owning(model, made), *_back(model, made), *_links(model, made)]
    lines += ["", *(f"    {end}" for end in ends)] if ends else []
    lines += ["", "", *(_index(index, model.class_name) for index in table.indexes)] if table.indexes else []
    return "\n".join([*lines, ""])


def _table_items(model: Model) -> Iterator[str]:
    names = ", ".join(f'"{name}"' for name in model.table.primary_key)
    yield f'PrimaryKeyConstraint({names}, name="{model.table.primary_key_name}")'
    for check in model.table.checks:
        yield _check(check)


def _check(check: Check) -> str:
    sql = check.sql.replace(":", "\\:")  # a colon before a word would be a parameter
    return call("CheckConstraint", [literal(sql), f'name="{check.name}"'], 2)


def type_code(kind: ColumnType) -> str:
    """The type as SQLAlchemy has it. SQLite has no decimals, and keeps 15 digits exactly as a float."""
    if kind.kind is ColumnKind.STRING:
        return f"String({kind.length})"
    if kind.kind is ColumnKind.DECIMAL:
        return f'Numeric({kind.precision}, {kind.scale}).with_variant(Float(asdecimal=True), "sqlite")'
    return _TYPES[kind.kind]


def _attribute(model: Model, column: Column) -> str:
    kind = _PYTHON[column.type.kind]
    annotation = f"{column.name}: Mapped[{kind}{' | None' if column.nullable else ''}]"
    arguments = [type_code(column.type)]
    key = next((key for key in model.table.foreign_keys if key.column == column.name), None)
    if key is not None:
        arguments.append(_foreign_key(key))
    arguments += _default(model, column)
    return f"{annotation} = {call('mapped_column', arguments, 1, before=len(annotation) + 3)}"


def _foreign_key(key: ForeignKey) -> str:
    later = ", use_alter=True" if key.deferred else ""
    action = key.on_delete.value.replace("_", " ").upper()
    return f'ForeignKey("{key.table}.id", name="{key.name}", ondelete="{action}"{later})'


def _default(model: Model, column: Column) -> list[str]:
    """What the application fills in; the tables themselves have no defaults."""
    resource = model.resource
    if not column.field and resource is not None:
        own = {"created_at": ["default=_now"], "updated_at": ["default=_now", "onupdate=_now"]}
        if column.name == "id":
            return [] if resource.owner == "self" else ["default=uuid4"]
        return own.get(column.name, [])
    spec = resource.fields.get(column.field) if resource is not None else None
    return [f"default={default_code(spec)}"] if spec is not None and spec.default is not None else []


def default_code(spec: FieldSpec) -> str:
    """A field's default as an expression."""
    value = spec.default
    if spec.type is FieldType.DECIMAL:
        return f'Decimal("{Decimal(str(value)):.{spec.scale}f}")'
    if spec.type is FieldType.UUID:
        return f'UUID("{UUID(str(value))}")'
    if spec.type is FieldType.DATE:
        day = date.fromisoformat(str(value))
        return f"date({day.year}, {day.month}, {day.day})"
    if spec.type is FieldType.DATETIME:
        return f'datetime.fromisoformat("{datetime.fromisoformat(str(value)).isoformat()}")'
    if spec.type is FieldType.JSON and isinstance(value, (dict, list)):
        return f"lambda: {json.loads(json.dumps(value))!r}"  # a new one for each row
    return literal(value) if isinstance(value, str) else repr(value)


def _relation(name: str, kind: str, arguments: list[str]) -> str:
    head = f"{name}: Mapped[{kind}]"
    made = call("_relationship", [*arguments, 'lazy="raise"'], 1, before=len(head) + 3)
    return f"{head} = {made}"


def _owning(model: Model, made: Mapping[str, Model]) -> Iterator[str]:
    for reference in model.references:
        target = made[reference.target]
        kind = target.class_name + ("" if reference.required else " | None")
        arguments = [f'back_populates="{reference.reverse}"', _keys(reference, made)]
        if target is model:
            arguments.append(f'remote_side="{model.class_name}.id"')
        yield _relation(reference.name, kind, arguments)


def _back(model: Model, made: Mapping[str, Model]) -> Iterator[str]:
    for reference in model.incoming:
        source = made[reference.source]
        if source.resource is None:
            continue  # pairs are read through the relation they make
        kind = f"{source.class_name} | None" if reference.single else f"list[{source.class_name}]"
        arguments = [f'back_populates="{reference.name}"', _keys(reference, made), 'passive_deletes="all"']
        yield _relation(reference.reverse, kind, arguments)


def _keys(reference: Reference, made: Mapping[str, Model]) -> str:
    return f'foreign_keys="{made[reference.source].class_name}.{reference.key.column}"'


def _links(model: Model, made: Mapping[str, Model]) -> Iterator[str]:
    for link in model.links:
        yield _link(link, link.name, made[link.far.target].class_name, link.reverse)
    for other in made.values():
        for link in other.links:
            if link.far.target == model.table.name:
                yield _link(link, link.reverse, other.class_name, link.name)


def _link(link: Link, name: str, class_name: str, back: str) -> str:
    arguments = [f'secondary="{link.through}"', f'back_populates="{back}"', 'passive_deletes="all"']
    return _relation(name, f"list[{class_name}]", arguments)


def _pairs(model: Model) -> str:
    table = model.table
    lines = [f"{table.name} = Table(", f'    "{table.name}",', "    Base.metadata,"]
    for key in table.foreign_keys:
        lines.append(f'    Column("{key.column}", Uuid, {_foreign_key(key)}),')
    names = ", ".join(f'"{name}"' for name in table.primary_key)
    lines += [f'    PrimaryKeyConstraint({names}, name="{table.primary_key_name}"),', ")"]
    return "\n".join([*lines, *(_index(index, f"{table.name}.c") for index in table.indexes), ""])


def _index(index: Index, holder: str) -> str:
    """``Index(...)`` as a statement after the table; ``holder`` has the columns."""
    arguments = [f'"{index.name}"']
    arguments += [f"{holder}.{part.name}{'.desc()' if part.descending else ''}" for part in index.columns]
    arguments += ["unique=True"] * index.unique
    if index.where:
        where = f"text({literal(index.where)})"
        arguments += [f"postgresql_where={where}", f"sqlite_where={where}"]
    return call("Index", arguments)
