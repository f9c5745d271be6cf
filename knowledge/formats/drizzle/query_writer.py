"""Lists of a blueprint's resources as a TypeScript module for Drizzle: relations come along by ``with``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import ListOperation
from knowledge.blueprint.table import column_of
from knowledge.formats.drizzle.dialect import SQLITE, Dialect
from knowledge.formats.drizzle.schema_writer import exported
from knowledge.formats.models.graph import Link, Model, Reference
from knowledge.formats.models.names import camel, pascal
from knowledge.formats.models.typescript import braced
from knowledge.identifiers import quoted

_HEAD = """import {{ and, desc, eq, isNull, sql }} from "drizzle-orm";
import type {{ {types} }} from "{module}";

import * as schema from "./schema.ts";

export type Database = {database};

/** The place of a row in a list, newest first. */
export interface Position {{
  createdAt: {moment};
  id: string;
}}

/** One page, and whether another comes after it. */
export interface Page<Row> {{
  rows: Row[];
  more: boolean;
}}

function page<Row>(found: Row[], limit: number): Page<Row> {{
  return {{ rows: found.slice(0, limit), more: found.length > limit }};
}}

/** Nothing where nothing is asked for. */
function is(column: {column}, value: unknown) {{
  return value === undefined ? undefined : eq(column, value);
}}

function after(table: {{ createdAt: {column}; id: {column} }}, position: Position | undefined) {{
  if (position === undefined) return undefined;
  const createdAt = sql.param(position.createdAt, table.createdAt);
  return sql`(${{table.createdAt}}, ${{table.id}}) < (${{createdAt}}, ${{sql.param(position.id, table.id)}})`;
}}
"""
_POSTGRES = {
    "types": "AnyPgColumn, PgDatabase, PgQueryResultHKT",
    "database": "PgDatabase<PgQueryResultHKT, typeof schema>",
    "moment": "string",
    "column": "AnyPgColumn",
}
_SQLITE = {
    "types": "AnySQLiteColumn, BaseSQLiteDatabase",
    "database": 'BaseSQLiteDatabase<"async", unknown, typeof schema>',
    "moment": "Date",
    "column": "AnySQLiteColumn",
}
_NEWEST = "orderBy: (row, { desc }) => [desc(row.createdAt), desc(row.id)]"


def query_module(made: Mapping[str, Model], dialect: Dialect) -> str:
    """The module: for each list of the API one function, and one for each kind of row listed with its children.

    Empty where nothing is listed.
    """
    words = _SQLITE if dialect is SQLITE else _POSTGRES
    parts: list[str] = []
    for model in made.values():
        if model.resource is not None and model.resource.operations.list is not None:
            parts += _functions(model, model.resource, model.resource.operations.list, made, dialect)
    if not parts:
        return ""
    head = _HEAD.format(module=dialect.module, **words)
    body = "\n".join(parts)
    return "\n".join([_without_unused(head, body), body])


def _without_unused(head: str, body: str) -> str:
    """The head without what no list needs."""
    if "isNull(schema" not in body:
        head = head.replace("isNull, ", "")
    if not re.search(r"\bis\(schema", body):
        start = head.index("/** Nothing where")
        head = head[:start] + head[head.index("function after") :]
        if not re.search(r"\beq\(schema", body):
            head = head.replace("eq, ", "")
    return head


def _functions(
    model: Model, resource: Resource, listing: ListOperation, made: Mapping[str, Model], dialect: Dialect
) -> Iterator[str]:
    rows = pascal(resource.plural)
    asked = {camel(column_of(resource, name)): _asked(resource, name, dialect) for name in listing.filter}
    options = ["tenantId: string;"] * resource.tenant + ["limit?: number;", "after?: Position;"]
    options += [f"{name}?: {kind};" for name, kind in asked.items()]
    yield "\n".join([f"export interface {rows}Options {{", *(f"  {option}" for option in options), "}", ""])
    table = f"schema.{exported(model)}"
    where = [f"eq({table}.tenantId, options.tenantId)"] * resource.tenant
    where += [f"isNull({table}.deletedAt)"] * resource.soft_delete
    where += [f"is({table}.{name}, options.{name})" for name in asked]
    where.append(f"after({table}, options.after)")
    embedded = [f"{camel(name)}: true" for name in listing.embed]
    linked = [_linked(link, made) for link in model.links]
    yield _list(f"list{rows}", model, resource, listing, where, [*embedded, *linked])
    for child in model.children:
        yield _list(f"list{rows}With{pascal(child.reverse)}", model, resource, listing, where, [_children(child, made)])


def _asked(resource: Resource, name: str, dialect: Dialect) -> str:
    """The type of a filter's value."""
    spec = resource.fields.get(name)
    if spec is None:
        return "string"
    moment = "Date" if dialect is SQLITE else "string"
    kinds = {FieldType.INTEGER: "number", FieldType.BOOLEAN: "boolean", FieldType.DATETIME: moment}
    return kinds.get(spec.type, "string")


def _list(
    name: str, model: Model, resource: Resource, listing: ListOperation, where: list[str], included: list[str]
) -> str:
    rows, table = pascal(resource.plural), exported(model)
    told = f" with {', '.join(part.partition(':')[0] for part in included)}" if included else ""
    arguments = [f"where: and{braced(where, 2, '()', before=10)}"]
    if included:
        arguments.append(f"with: {braced(included, 2, before=6)}")
    arguments += [f"orderBy: [desc(schema.{table}.createdAt), desc(schema.{table}.id)]", "limit: limit + 1"]
    optional = "" if resource.tenant else " = {}"
    lines = [
        f"/** {rows}, newest first{told}: one statement. */",
        f"export async function {name}(db: Database, options: {rows}Options{optional}) {{",
        f"  const limit = options.limit ?? {listing.default_limit};",
        f"  const found = await db.query.{table}.findMany({{",
        *(f"    {argument}," for argument in arguments),
        "  });",
        "  return page(found, limit);",
        "}",
        "",
    ]
    return "\n".join(lines)


def _linked(link: Link, made: Mapping[str, Model]) -> str:
    far = made[link.far.target]
    parts = []
    if far.resource is not None and far.resource.soft_delete:
        table = quoted(far.table.name)
        key = f"${{row.{camel(link.far.key.column)}}}"
        live = f"select 1 from {table} where {table}.id = {key} and {table}.deleted_at is null"
        parts.append(f"where: (row) => sql`exists ({live})`")
    parts.append(f"with: {{ {camel(link.far.name)}: true }}")
    return f"{camel(link.rows)}: {braced(parts, 3, before=len(link.rows) + 2)}"


def _children(child: Reference, made: Mapping[str, Model]) -> str:
    resource = made[child.source].resource
    if child.single or resource is None:
        return f"{camel(child.reverse)}: true"
    listing = resource.operations.list or ListOperation()
    parts = ["where: (row, { isNull }) => isNull(row.deletedAt)"] * resource.soft_delete
    return f"{camel(child.reverse)}: {braced([*parts, _NEWEST, f'limit: {listing.default_limit}'], 3)}"
