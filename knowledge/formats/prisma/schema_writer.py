"""Models of a blueprint as a Prisma schema for PostgreSQL, and the CHECK constraints it has no words for.

Attributes: https://www.prisma.io/docs/orm/reference/prisma-schema-reference. Partial unique indexes need the preview
feature ``partialIndexes``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from knowledge.blueprint.model import Blueprint, OnDelete
from knowledge.blueprint.table import Column, ColumnKind, ColumnType, Index
from knowledge.formats.models.graph import Model, Reference
from knowledge.formats.models.names import camel
from knowledge.identifiers import quoted

_TYPES = {
    ColumnKind.UUID: ("String", "@db.Uuid"),
    ColumnKind.TEXT: ("String", "@db.Text"),
    ColumnKind.SMALLINT: ("Int", "@db.SmallInt"),
    ColumnKind.INTEGER: ("Int", ""),
    ColumnKind.BIGINT: ("BigInt", ""),
    ColumnKind.SERIAL: ("BigInt", "@default(autoincrement())"),
    ColumnKind.BOOLEAN: ("Boolean", ""),
    ColumnKind.TIMESTAMP: ("DateTime", "@db.Timestamptz"),
    ColumnKind.DATE: ("DateTime", "@db.Date"),
    ColumnKind.JSON: ("Json", ""),
    ColumnKind.BINARY: ("Bytes", ""),
}
_ON_DELETE = {OnDelete.RESTRICT: "Restrict", OnDelete.CASCADE: "Cascade", OnDelete.SET_NULL: "SetNull"}

_HEAD = """generator client {
  provider        = "prisma-client"
  output          = "../src/generated/prisma"
%s}

datasource db {
  provider = "postgresql"
}
"""


def schema_text(blueprint: Blueprint, made: Mapping[str, Model]) -> str:
    """The whole ``schema.prisma``."""
    partial = any(index.where for model in made.values() for index in model.table.indexes)
    head = _HEAD % ('  previewFeatures = ["partialIndexes"]\n' if partial else "")
    return "\n".join([head, *(f"{_model(model, made)}\n" for model in made.values())]).rstrip() + "\n"


def constraints_sql(made: Mapping[str, Model]) -> str:
    """The CHECK constraints as SQL; empty where there are none."""
    lines = [
        f"ALTER TABLE {quoted(model.table.name)} ADD CONSTRAINT {quoted(check.name)} CHECK ({check.sql});"
        for model in made.values()
        for check in model.table.checks
    ]
    return "\n".join(["-- Conditions that schema.prisma has no words for.", *lines, ""]) if lines else ""


def comment(text: str, indent: str = "") -> Iterator[str]:
    """A description as documentation comments."""
    for line in " ".join(text.split()).split("\n") if text.strip() else ():
        yield f"{indent}/// {line}"


def _model(model: Model, made: Mapping[str, Model]) -> str:
    lines = list(comment(model.resource.description)) if model.resource is not None else []
    lines.append(f"model {model.class_name} {{")
    for column in model.table.columns:
        lines += comment(_described(model, column), "  ")
        lines.append(f"  {_field(model, column)}")
    ends = [*(_owning(reference, made) for reference in model.references)]
    ends += [_back(reference, made) for reference in model.incoming]
    lines += ["", *(f"  {end}" for end in ends)] if ends else []
    lines += ["", *(f"  {item}" for item in _block(model)), "}"]
    return "\n".join(lines)


def _described(model: Model, column: Column) -> str:
    spec = model.resource.fields.get(column.field) if model.resource is not None else None
    if spec is None:
        return ""
    listed = f"One of {', '.join(spec.values)}." if spec.values else ""
    return " ".join(filter(None, (spec.description, listed)))


def _field(model: Model, column: Column) -> str:
    kind, native = native_type(column.type)
    name = camel(column.name)
    parts = [name, f"{kind}?" if column.nullable else kind]
    if model.table.primary_key == (column.name,):
        parts.append(f'@id(map: "{model.table.primary_key_name}")')
        if column.type.kind is ColumnKind.UUID and model.resource is not None and model.resource.owner != "self":
            parts.append("@default(uuid(7))")  # made by the client, so the table has no default
    if column.name == "updated_at" and not column.field:
        parts.append("@updatedAt")
    if name != column.name:
        parts.append(f'@map("{column.name}")')
    return " ".join([*parts, *([native] if native else [])])


def native_type(kind: ColumnType) -> tuple[str, str]:
    """The type of a field and the attribute that says the column's own."""
    if kind.kind is ColumnKind.STRING:
        return "String", f"@db.VarChar({kind.length})"
    if kind.kind is ColumnKind.DECIMAL:
        return "Decimal", f"@db.Decimal({kind.precision}, {kind.scale})"
    return _TYPES[kind.kind]


def _owning(reference: Reference, made: Mapping[str, Model]) -> str:
    optional = "" if reference.required else "?"
    return (
        f'{camel(reference.name)} {made[reference.target].class_name}{optional} @relation("{reference.label}", '
        f"fields: [{camel(reference.key.column)}], references: [id], onDelete: {_ON_DELETE[reference.key.on_delete]}, "
        f'onUpdate: NoAction, map: "{reference.key.name}")'
    )


def _back(reference: Reference, made: Mapping[str, Model]) -> str:
    many = "?" if reference.single else "[]"
    return f'{camel(reference.reverse)} {made[reference.source].class_name}{many} @relation("{reference.label}")'


def _block(model: Model) -> Iterator[str]:
    key = model.table.primary_key
    if len(key) > 1:
        yield f'@@id([{", ".join(map(camel, key))}], map: "{model.table.primary_key_name}")'
    for index in model.table.indexes:
        yield _index(index)
    yield f'@@map("{model.table.name}")'


def _index(index: Index) -> str:
    columns = ", ".join(camel(part.name) + ("(sort: Desc)" if part.descending else "") for part in index.columns)
    where = f", where: raw({json.dumps(index.where)})" if index.where else ""
    return f'@@{"unique" if index.unique else "index"}([{columns}], map: "{index.name}"{where})'
