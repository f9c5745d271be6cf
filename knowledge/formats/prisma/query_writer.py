"""Lists of a blueprint's resources as a TypeScript module for the Prisma client: relations come with ``include``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import ListOperation
from knowledge.blueprint.table import column_of
from knowledge.formats.models.graph import Link, Model, Reference
from knowledge.formats.models.names import camel, pascal
from knowledge.formats.models.typescript import braced

_TYPES = {
    FieldType.INTEGER: "bigint",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATETIME: "Date",
    FieldType.DATE: "Date",
}

_FROM = (
    "cursor: options.after === undefined ? undefined : { id: options.after }",
    "skip: options.after === undefined ? 0 : 1",
)

_HEAD = """import type { Prisma, PrismaClient } from "./generated/prisma/client.ts";

/** One page, and whether another comes after it. */
export interface Page<Row> {
  rows: Row[];
  more: boolean;
}

function page<Row>(found: Row[], limit: number): Page<Row> {
  return { rows: found.slice(0, limit), more: found.length > limit };
}

// Where to go on is said by a row's id, not by its time: Date has milliseconds, PostgreSQL microseconds.
const newestFirst = [{ createdAt: "desc" as const }, { id: "desc" as const }];
"""


def query_module(made: Mapping[str, Model]) -> str:
    """The module: for each list of the API one function, and one for each kind of row listed with its children.

    Empty where nothing is listed.
    """
    parts = [_HEAD]
    for model in made.values():
        if model.resource is not None and model.resource.operations.list is not None:
            parts += _functions(model, model.resource, model.resource.operations.list, made)
    return "\n".join(parts) if len(parts) > 1 else ""


def _functions(model: Model, resource: Resource, listing: ListOperation, made: Mapping[str, Model]) -> Iterator[str]:
    rows = pascal(resource.plural)
    filters = {camel(column_of(resource, name)): _asked(resource, name) for name in listing.filter}
    options = ["tenantId: string;"] * resource.tenant
    options += ["limit?: number;", "/** The id of the last row of the page before; the row must still be there. */"]
    options += ["after?: string;", *(f"{name}?: {kind};" for name, kind in filters.items())]
    yield "\n".join([f"export interface {rows}Options {{", *(f"  {option}" for option in options), "}", ""])
    where = ["tenantId: options.tenantId"] * resource.tenant + ["deletedAt: null"] * resource.soft_delete
    where += [f"{name}: options.{name}" for name in filters]
    embedded = [f"{camel(name)}: true" for name in listing.embed]
    linked = [_linked(link, made) for link in model.links]
    yield _list(f"list{rows}", model, resource, listing, where, [*embedded, *linked])
    for child in model.children:
        name = f"list{rows}With{pascal(child.reverse)}"
        yield _list(name, model, resource, listing, where, [_children(child, made)])


def _asked(resource: Resource, name: str) -> str:
    """The type of a filter's value."""
    spec = resource.fields.get(name)
    return _TYPES.get(spec.type, "string") if spec is not None else "string"


def _list(
    name: str, model: Model, resource: Resource, listing: ListOperation, where: list[str], included: list[str]
) -> str:
    rows = pascal(resource.plural)
    told = f" with {', '.join(part.partition(':')[0] for part in included)}" if included else ""
    arguments = [f"where: {braced(where, 2, before=7)}"]
    if included:
        arguments.append(f"include: {braced(included, 2, before=9)}")
    arguments += ["orderBy: newestFirst", "take: limit + 1", *_FROM]
    optional = "" if resource.tenant else " = {}"
    return f"""/** {rows}, newest first{told}: as many statements for many rows as for one. */
export async function {name}(prisma: PrismaClient, options: {rows}Options{optional}) {{
  const limit = options.limit ?? {listing.default_limit};
  const found = await prisma.{camel_first(model.class_name)}.findMany({{
{"".join(f"    {argument},{chr(10)}" for argument in arguments)}  }} satisfies Prisma.{model.class_name}FindManyArgs);
  return page(found, limit);
}}
"""


def camel_first(name: str) -> str:
    """The client's name of a model."""
    return name[:1].lower() + name[1:]


def _linked(link: Link, made: Mapping[str, Model]) -> str:
    name, resource = camel(link.far.name), made[link.far.target].resource
    live = f"where: {{ {name}: {{ deletedAt: null }} }}, " if resource is not None and resource.soft_delete else ""
    return f"{camel(link.rows)}: {{ {live}include: {{ {name}: true }} }}"


def _children(child: Reference, made: Mapping[str, Model]) -> str:
    resource = made[child.source].resource
    if child.single or resource is None:
        return f"{camel(child.reverse)}: true"
    live = ["where: { deletedAt: null }"] * resource.soft_delete
    listing = resource.operations.list or ListOperation()
    return f"{camel(child.reverse)}: {braced([*live, 'orderBy: newestFirst', f'take: {listing.default_limit}'], 3)}"
