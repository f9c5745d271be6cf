"""Models of a blueprint as a Drizzle schema: tables with every constraint named, and their relations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from knowledge.blueprint.model import OnDelete
from knowledge.blueprint.table import Column, Index
from knowledge.formats.drizzle.dialect import Dialect
from knowledge.formats.models.graph import Model, Reference
from knowledge.formats.models.names import camel
from knowledge.formats.models.typescript import braced, doc

_ON_DELETE = {OnDelete.RESTRICT: "restrict", OnDelete.CASCADE: "cascade", OnDelete.SET_NULL: "set null"}
_TAKEN = frozenset(
    """
    bigint blob boolean check date foreignKey index integer jsonb numeric pgTable primaryKey relations sql sqliteTable
    text timestamp uniqueIndex uuid varchar
    abstract arguments await break case catch class const continue debugger default delete do else enum eval export
    extends false finally for function if implements import in instanceof interface let new null package private
    protected public return static super switch this throw true try typeof undefined var void while with yield
    """.split()
)
"""Names no table can be exported by: what the module imports, and words of the language."""


def exported(model: Model) -> str:
    """The name a table is exported by."""
    name = camel(model.table.name)
    return f"{name}Table" if name in _TAKEN else name


def schema_text(made: Mapping[str, Model], dialect: Dialect) -> str:
    """The whole schema module."""
    functions = {dialect.table, "primaryKey"}
    bodies = [_table(model, made, dialect, functions) for model in made.values()]
    related = [text for model in made.values() if (text := _relations(model, made))]
    needed = [name for name, used in (("relations", related), ("sql", any("sql`" in body for body in bodies))) if used]
    head = [f'import {{ {", ".join(needed)} }} from "drizzle-orm";'] if needed else []
    head.append(f'import {braced(sorted(functions, key=str.lower))} from "{dialect.module}";')
    return "\n".join([*head, "", *bodies, *related])


def template(text: str) -> str:
    """SQL as a tagged template."""
    return "sql`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${") + "`"


def _table(model: Model, made: Mapping[str, Model], dialect: Dialect, functions: set[str]) -> str:
    lines = doc(model.resource.description) if model.resource is not None else []
    lines += [f'export const {exported(model)} = {dialect.table}("{model.table.name}", {{']
    for column in model.table.columns:
        function, call = dialect.column(column.type, column.name)
        functions.add(function)
        lines += doc(_described(model, column), 1)
        lines.append(f"  {camel(column.name)}: {call}{'' if column.nullable else '.notNull()'},")
    lines.append("}, (table) => [")
    for function, item in _extras(model, made, dialect):
        functions.add(function)
        lines.append(f"  {item},")
    return "\n".join([*lines, "]);", ""])


def _described(model: Model, column: Column) -> str:
    spec = model.resource.fields.get(column.field) if model.resource is not None else None
    return spec.description if spec is not None else ""


def _extras(model: Model, made: Mapping[str, Model], dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The constraints and indexes, each with the function that makes it."""
    table = model.table
    names = {column.name: camel(column.name) for column in table.columns}
    columns = ", ".join(f"table.{names[name]}" for name in table.primary_key)
    yield "primaryKey", f'primaryKey({{ name: "{table.primary_key_name}", columns: [{columns}] }})'
    for key in table.foreign_keys:
        target = "table" if key.table == table.name else exported(made[key.table])
        ends = f"columns: [table.{names[key.column]}], foreignColumns: [{target}.id]"
        call = f'foreignKey({{ name: "{key.name}", {ends} }}).onDelete("{_ON_DELETE[key.on_delete]}")'
        yield "foreignKey", call
    for check in table.checks:
        yield "check", f'check("{check.name}", {template(check.sql)})'
    for index in table.indexes:
        yield ("uniqueIndex" if index.unique else "index"), _index(index, names, dialect)


def _index(index: Index, names: dict[str, str], dialect: Dialect) -> str:
    function = "uniqueIndex" if index.unique else "index"
    where = f".where({template(index.where)})" if index.where else ""
    head = f'{function}("{index.name}").on'
    return f"{head}{braced(dialect.key_parts(index, names), 1, '()', before=len(head) + len(where))}{where}"


def _relations(model: Model, made: Mapping[str, Model]) -> str:
    ends = [_owning(model, reference, made) for reference in model.references]
    ends += [_back(reference, made) for reference in model.incoming]
    if not ends:
        return ""
    kinds = [kind for kind in ("one", "many") if any(f" {kind}(" in end for end in ends)]
    name = exported(model)
    head = f"export const {name}Relations = relations({name}, ({{ {', '.join(kinds)} }}) => ({{"
    return "\n".join([head, *(f"  {end}," for end in ends), "}));", ""])


def _owning(model: Model, reference: Reference, made: Mapping[str, Model]) -> str:
    target = exported(made[reference.target])
    column = f"{exported(model)}.{camel(reference.key.column)}"
    options = [f"fields: [{column}]", f"references: [{target}.id]", f"relationName: {json.dumps(reference.label)}"]
    return f"{camel(reference.name)}: one({target}, {braced(options, 1, before=len(target) + 20)})"


def _back(reference: Reference, made: Mapping[str, Model]) -> str:
    """Always ``many``: the other side of a one-to-one relation would be typed as never missing."""
    source = exported(made[reference.source])
    return f"{camel(reference.reverse)}: many({source}, {{ relationName: {json.dumps(reference.label)} }})"
