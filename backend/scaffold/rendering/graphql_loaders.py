"""Functions that load the rows other rows lead to: one statement for any number of them."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.graphql_types import RowTypes, loader_name, without_unused_caller
from backend.scaffold.rendering.named import Link
from backend.scaffold.rendering.view import View
from knowledge.blueprint.operations import ListOperation, Operation
from knowledge.formats.graphql.parts import Answered, Definition


def rate(view: View, operation: Operation) -> str:
    """The limit of an operation, as the module of the rates calls it; empty where it has none of its own."""
    if operation.rate_limit is None:
        return ""
    name = next(name for name, offered in view.operations.offered.items() if offered is operation)
    return f"{name}_{view.plural if name == 'list' else view.name}".upper()


def loaders(types: RowTypes) -> Iterator[str]:
    """All of them."""
    rows = [one for one in types.contract.definitions if one.role == "row"]
    wanted = {field.resource for one in rows for field in one.fields if field.leads == "one"}
    for name in sorted(wanted):
        yield from _by_id(types.view(name))
    for one in rows:
        many = [field for field in one.fields if field.leads in ("children", "linked")]
        parent = types.view(one.resource)
        if many and parent.read and parent.read.test:
            yield from _may_read(parent)
        for field in many:
            yield from _children(types, one, field) if field.leads == "children" else _linked(types, one, field)


def _caller(operation: Operation, limit: str) -> Iterator[str]:
    if limit:
        yield f"    await context.count(rates.{limit})"
    yield "    caller = context.caller" if operation.public else "    caller = context.signed_in()"


def _by_id(view: View) -> Iterator[str]:
    reading = view.resource.reading
    assert reading is not None
    rows = view.plural.upper()
    where = ", ".join([f'{view.cls}.id.in_(bindparam("ids", expanding=True))', *view.visible(view.cls)])
    yield f"{rows}_BY_ID = select(*{view.name.upper()}_COLUMNS).where({where})\n"
    lines = [
        f"async def {view.plural}_by_id(context: Context, ids: list[UUID]) -> list[Row | None]:",
        f'    """The {view.spoken_plural}, each if the caller may see it."""',
        *_caller(reading, rate(view, reading)),
        f"    rows = await context.rows({rows}_BY_ID, ids=ids{', tenant_id=caller.tenant' if view.tenant else ''})",
    ]
    test = view.read.test if view.read else ""
    seen = f" if {view.plural}_access.may_read({view.read.arguments})" if view.read and test else ""
    lines += [f'    found = {{row["id"]: row for row in rows{seen}}}', "    return [found.get(one) for one in ids]"]
    yield from without_unused_caller(lines)
    yield ""


def _may_read(view: View) -> Iterator[str]:
    assert view.read is not None
    reading = view.resource.reading
    assert reading is not None
    yield f"\ndef may_read_{view.name}(context: Context, row: Row) -> bool:"
    yield f'    """Whether the caller may see a {view.spoken}, and so what belongs to it."""'
    yield "    caller = context.signed_in()"
    yield f"    return {view.plural}_access.may_read({view.read.arguments})\n"


def _children(types: RowTypes, one: Definition, field: Answered) -> Iterator[str]:
    child_name, _, relation = field.key.partition(".")
    view = types.view(child_name)
    listing = view.operations.list
    assert listing is not None
    second = "str | None" if view.by_cursor else "int"
    head = f"context: Context, query: {view.cls}ListQuery, ids: list[UUID]"
    parent = f"{view.cls}.{relation}_id"
    lines = [
        f"async def {loader_name(types, one, field)}({head}) -> list[tuple[Sequence[Row], {second}]]:",
        f'    """A page of the {view.spoken_plural} of each of these {types.view(one.resource).spoken_plural}."""',
        *_caller(listing, rate(view, listing)),
    ]
    if listing.roles and not listing.owner:
        lines.append(f"    caller.require_role({role_arguments(listing.roles)})")
    lines += _where(view, listing)
    conditions = [f"{parent}.in_(ids)", *view.visible(view.cls)]
    conditions.append(f"*({view.plural}_queries.FILTERS[name] for name in sorted(filters))")
    lines.append(f"    conditions = [{', '.join(conditions)}]")
    if view.tenant:
        lines.append('    where["tenant_id"] = caller.tenant')
    if listing.sort:
        lines.append(f"    order = {view.plural}_queries.ORDERS[query.sort]")
    else:
        lines.append(f"    order = ({view.cls}.created_at.desc(), {view.cls}.id.desc())")
    lines += _paged(
        view.by_cursor, f"{view.name.upper()}_COLUMNS, {parent}, conditions, order", f"{parent}, conditions"
    )
    yield from without_unused_caller(lines)
    yield ""


def _where(view: View, listing: ListOperation) -> Iterator[str]:
    """As the service has it, without the parent."""
    yield f"    where: dict[str, Any] = query.model_dump(exclude={view.paging}, exclude_none=True)"
    if listing.search:
        yield "    if query.q is not None:"
        yield '        where["q"] = containing(query.q)'
    if listing.owner:
        indent = ""
        if listing.roles:
            yield f"    if not caller.has_role({role_arguments(listing.roles)}):"
            indent = "    "
        yield f'    {indent}where["owner_id"] = caller.id'
    yield "    filters = {*where}"
    if view.by_cursor:
        yield "    if query.cursor is not None:"
        yield '        filters.add("cursor")'
        yield "        where |= read_cursor(query.cursor)._asdict()"


def _paged(by_cursor: bool, rows: str, totals: str, joined: tuple[str, str] = ("", "")) -> Iterator[str]:
    if by_cursor:
        yield f"    statement = ranked({rows})"
        yield "    rows = await context.rows(statement, **where, skipped=0, reached=query.limit + 1)"
        yield "    return [page_of(mine, query.limit) for mine in by_parent(ids, rows).values()]"
        return
    yield "    skipped = (query.page - 1) * query.limit"
    yield f"    statement = ranked({rows}{joined[0]})"
    yield "    rows = await context.rows(statement, **where, skipped=skipped, reached=skipped + query.limit)"
    yield f"    totals = await context.rows(counted({totals}{joined[1]}), **where)"
    yield "    return numbered(ids, rows, totals)"


def _linked(types: RowTypes, one: Definition, field: Answered) -> Iterator[str]:
    view = types.view(one.resource)
    link: Link = next(link for link in view.links if link.name == field.key)
    get = view.operations.get
    assert get is not None
    parent = f"{link.table}.c.{view.name}_id"
    lines = [
        f"async def {loader_name(types, one, field)}("
        "context: Context, query: PageQuery, ids: list[UUID]) -> list[tuple[Sequence[Row], int]]:",
        f'    """A page of the {link.name.replace("_", " ")} of each of these {view.spoken_plural}."""',
        *_caller(get, rate(view, get)),
        "    where: dict[str, Any] = {}",
    ]
    if link.to.tenant:
        lines.append('    where["tenant_id"] = caller.tenant')
    lines.append(f"    conditions = [{', '.join([f'{parent}.in_(ids)', *link.to.visible(link.to.cls)])}]")
    lines.append(f"    order = ({link.to.cls}.created_at.desc(), {link.to.cls}.id.desc())")
    on = f"{link.table}.c.{link.to.name}_id == {link.to.cls}.id"
    joined = (f", ({link.table}, {on})", f", ({link.to.cls}, {link.table}, {on})")
    rows = f"{link.to.name.upper()}_COLUMNS, {parent}, conditions, order"
    lines += _paged(False, rows, f"{parent}, conditions", joined)
    yield from without_unused_caller(lines)
    yield ""
