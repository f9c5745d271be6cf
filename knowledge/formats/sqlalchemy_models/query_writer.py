"""Lists of a blueprint's resources as asynchronous SQLAlchemy queries: relations are loaded in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import ListOperation
from knowledge.blueprint.table import column_of
from knowledge.formats.models.graph import Model, Reference
from knowledge.formats.sqlalchemy_models.code import call
from knowledge.formats.sqlalchemy_models.model_writer import call_import

_PYTHON = {
    FieldType.INTEGER: "int",
    FieldType.DECIMAL: "Decimal",
    FieldType.BOOLEAN: "bool",
    FieldType.DATETIME: "datetime",
    FieldType.DATE: "date",
    FieldType.UUID: "UUID",
}
_HEAD = '''"""Lists, newest first; each takes as many statements for many rows as for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import {days}datetime
{decimal}from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased{selectin}

{models}

Row = TypeVar("Row")
Position = tuple[datetime, UUID]
"""``created_at`` and ``id`` of the last row seen."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page, and whether another comes after it."""

    rows: Sequence[Row]
    more: bool


def _page(rows: Sequence[Row], limit: int) -> Page[Row]:
    return Page(rows[:limit], len(rows) > limit)


def _where(
    model: Any, after: Position | None, asked: Sequence[tuple[InstrumentedAttribute[Any], object]]
) -> list[ColumnElement[bool]]:
    conditions = [column == value for column, value in asked if value is not None]
    if after is not None:
        conditions.append(tuple_(model.created_at, model.id) < after)
    return conditions
'''
_CHILDREN = '''

async def _newest(
    session: AsyncSession, model: type[Row], key: Any, parents: Sequence[UUID], each: int, *live: ColumnElement[bool]
) -> dict[UUID, list[Row]]:
    """The newest rows of each parent, in one statement."""
    rows: Any = model
    order = (rows.created_at.desc(), rows.id.desc())
    place = func.row_number().over(partition_by=key, order_by=order).label("place")
    ranked = select(rows, place).where(key.in_(parents), *live).subquery()
    found = aliased(rows, ranked)
    children: dict[UUID, list[Row]] = {parent: [] for parent in parents}
    for child in await session.scalars(select(found).where(ranked.c.place <= each).order_by(ranked.c.place)):
        children[getattr(child, key.key)].append(child)
    return children
'''


def query_module(made: Mapping[str, Model]) -> str:
    """The module: for each list of the API one function, and one for each kind of row listed with its children.

    Empty where nothing is listed.
    """
    parts: list[str] = []
    for model in made.values():
        if model.resource is not None and model.resource.operations.list is not None:
            parts += _functions(model, model.resource, model.resource.operations.list, made)
    if not parts:
        return ""
    body = "\n\n".join(parts)
    children = "_newest(" in body
    classes = [model.class_name for model in made.values() if f"{model.class_name}" in _words(body)]
    head = _HEAD.format(
        days="date, " if "date" in _words(body) else "",
        decimal="from decimal import Decimal\n" if "Decimal" in _words(body) else "",
        selectin=", selectinload" if "selectinload" in body else "",
        models=call_import(".models", sorted(classes)),
    )
    if not children:
        head = head.replace(", aliased", "").replace("func, ", "")
    return "".join([head, _CHILDREN if children else "", "\n\n", body])


def _words(text: str) -> set[str]:
    return set("".join(char if char.isalnum() or char == "_" else " " for char in text).split())


def _functions(model: Model, resource: Resource, listing: ListOperation, made: Mapping[str, Model]) -> Iterator[str]:
    asked = {column_of(resource, name): _asked(resource, name) for name in listing.filter}
    parameters = ["tenant_id: UUID"] * resource.tenant
    parameters += [f"limit: int = {listing.default_limit}", "after: Position | None = None"]
    parameters += [f"{name}: {kind} | None = None" for name, kind in asked.items()]
    embedded = [f"selectinload({model.class_name}.{name})" for name in listing.embed]
    linked = [_linked(model, link.name, made[link.far.target]) for link in model.links]
    yield _list(model, resource, parameters, asked, [*embedded, *linked])
    for child in model.children:
        yield _with_children(model, resource, parameters, asked, child, made)


def _asked(resource: Resource, name: str) -> str:
    """The type of a filter's value."""
    spec = resource.fields.get(name)
    return "UUID" if spec is None else _PYTHON.get(spec.type, "str")


def _linked(model: Model, name: str, far: Model) -> str:
    relation = f"{model.class_name}.{name}"
    if far.resource is not None and far.resource.soft_delete:
        relation += f".and_({far.class_name}.deleted_at.is_(None))"
    return f"selectinload({relation})"


def _live(model: Model) -> list[str]:
    deleted = model.resource is not None and model.resource.soft_delete
    return [f"{model.class_name}.deleted_at.is_(None)"] * deleted


def _list(model: Model, resource: Resource, parameters: list[str], asked: Mapping[str, str], options: list[str]) -> str:
    name = model.class_name
    returned = f" -> Page[{name}]:"
    head = call(f"async def list_{resource.plural}", ["session: AsyncSession", "*", *parameters], before=len(returned))
    told = ", with what belongs to them" if options else ""
    conditions = [f"{name}.tenant_id == tenant_id"] * resource.tenant + _live(model)
    pairs = ", ".join(f"({name}.{column}, {column})" for column in asked)
    conditions.append(call("*_where", [name, "after", f"[{pairs}]"], 3))
    lines = [
        f"{head}{returned}",
        f'    """{resource.plural.replace("_", " ").capitalize()}{told}."""',
        "    statement = (",
        f"        select({name})",
        f"        {call('.where', conditions, 2)}",
        *([f"        {call('.options', options, 2)}"] if options else []),
        f"        .order_by({name}.created_at.desc(), {name}.id.desc())",
        "        .limit(limit + 1)",
        "    )",
        "    return _page((await session.scalars(statement)).all(), limit)",
        "",
    ]
    return "\n".join(lines)


def _with_children(
    model: Model,
    resource: Resource,
    parameters: list[str],
    asked: Mapping[str, str],
    child: Reference,
    made: Mapping[str, Model],
) -> str:
    source = made[child.source]
    limit = (source.resource.operations.list if source.resource else None) or ListOperation()
    name = f"async def list_{resource.plural}_with_{child.reverse}"
    each = f"each: int = {limit.default_limit}"
    returned = f" -> Page[tuple[{model.class_name}, list[{source.class_name}]]]:"
    head = call(name, ["session: AsyncSession", "*", *parameters, each], before=len(returned))
    passed = [*["tenant_id=tenant_id"] * resource.tenant, "limit=limit", "after=after", *(f"{n}={n}" for n in asked)]
    arguments = ["session", source.class_name, f"{source.class_name}.{child.key.column}", "parents", "each"]
    lines = [
        f"{head}{returned}",
        f'    """{resource.plural.replace("_", " ").capitalize()}, each with its newest '
        f'{child.reverse.replace("_", " ")}."""',
        f"    page = await {call(f'list_{resource.plural}', ['session', *passed], 1, before=13)}",
        "    parents = [row.id for row in page.rows]",
        f"    children = await {call('_newest', [*arguments, *_live(source)], 1, before=17)}",
        "    return Page([(row, children[row.id]) for row in page.rows], page.more)",
        "",
    ]
    return "\n".join(lines)
