"""Functions of TypeScript that load the rows other rows lead to: one statement for any number of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.typescript.view import TypeScriptView
from knowledge.blueprint.operations import Operation
from knowledge.formats.graphql.parts import Answered, Contract, Definition


def loader_name(one: Definition, field: Answered) -> str:
    """What the table of loaders calls the way that a field leads."""
    if field.leads == "one":
        return f"{field.resource}_by_id"
    return f"{field.key.replace('.', '_of_')}" if field.leads == "children" else f"{field.key}_of_{one.resource}"


def tables_of(view: TypeScriptView) -> list[TypeScriptView]:
    """The resources whose tables its loaders read besides its own."""
    found = {link.to.name: cast(TypeScriptView, link.to) for link in view.links}
    return list(found.values())


def loaders(view: TypeScriptView, made: Contract) -> tuple[list[str], dict[str, str]]:
    """The functions that bring rows of a resource, or rows linked to it, and what they are called by."""
    rows = [one for one in made.definitions if one.role == "row"]
    functions: list[str] = []
    found: dict[str, str] = {}
    if any(field.leads == "one" and field.resource == view.name for one in rows for field in one.fields):
        found[f"{view.name}_by_id"] = "byId"
        functions += _by_id(view)
    for one in rows:
        for field in one.fields:
            if field.leads == "children" and field.resource == view.name:
                name = f"of{len(found)}"
                found[loader_name(one, field)] = name
                functions += _children(view, field, name)
            elif field.leads == "linked" and one.resource == view.name:
                name = f"linked{len(found)}"
                found[loader_name(one, field)] = name
                functions += _linked(view, field, name)
    return functions, found


def _head(view: TypeScriptView, operation: Operation, uses_caller: bool) -> Iterator[str]:
    if operation.rate_limit:
        name = next(name for name, offered in view.operations.offered.items() if offered is operation)
        yield f"  await take(ctx.context, {name.upper()}_LIMIT);"
    if not operation.public:
        yield f"  {'const caller = ' if uses_caller else ''}signedIn(ctx.context);"


def _all(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"and({', '.join(conditions)})"


def _by_id(view: TypeScriptView) -> Iterator[str]:
    reading = view.resource.reading
    assert reading is not None
    test = view.read.test if view.read else ""
    where = _all([f"inArray({view.table}.id, [...ids])", *view.rows_shown(view.table, "caller.tenant")])
    yield f"\n/** The {view.spoken_plural} with these identifiers, each if the caller may see it. */"
    yield "async function byId(ctx: GraphContext, ids: readonly string[]): Promise<readonly unknown[]> {"
    yield from _head(view, reading, "caller" in where or bool(test))
    yield "  const rows = await ctx.services.database.read((connection) =>"
    yield f"    connection.select({view.shown}).from({view.table}).where({where}),"
    yield "  );"
    seen = ""
    if view.read and test:
        seen = f".filter(({'row' if view.read.row else ''}) => mayRead({view.read.arguments}))"
    yield f"  const found = new Map(rows{seen}.map((row) => [row.id, row]));"
    yield "  return ids.map((id) => found.get(id) ?? null);"
    yield "}"


def _children(view: TypeScriptView, field: Answered, name: str) -> Iterator[str]:
    listing = view.operations.list
    assert listing is not None
    _, _, relation = field.key.partition(".")
    parent = f"{view.table}.{relation}_id"
    conditions = [f"inArray({parent}, [...ids])"]
    conditions += [condition for condition in view.list_conditions if "within." not in condition]
    where = _all(conditions)
    only = bool(listing.roles) and not listing.owner
    yield f"\n/** A page of {view.spoken_plural} of each of these parents. */"
    yield (
        f"async function {name}(ctx: GraphContext, ids: readonly string[], sent: Row): Promise<readonly unknown[]> {{"
    )
    yield from _head(view, listing, "caller" in where or only)
    yield '  const asked = readPart("body", ListInput, sent) as z.output<typeof ListInput>;'
    yield "  const query = { ...asked" + (", cursor: asked.cursor ?? undefined" if view.by_cursor else "") + " };"
    if only:
        yield f"  caller.requireRole({role_arguments(listing.roles)});"
    yield f"  const where = {where};"
    if listing.sort:
        yield "  const orders = {"
        for column in view.orders:
            yield f"    {column}: sql`${{{view.table}.{column}}}, ${{{view.table}.id}}`,"
            yield f'    "-{column}": sql`${{{view.table}.{column}}} desc, ${{{view.table}.id}} desc`,'
        yield "  };"
        yield "  const order = orders[query.sort];"
    else:
        yield f"  const order = sql`${{{view.table}.created_at}} desc, ${{{view.table}.id}} desc`;"
    yield from _paged(view.shown, parent, view.table, view.by_cursor)


def _linked(view: TypeScriptView, field: Answered, name: str) -> Iterator[str]:
    link = next(link for link in view.links if link.name == field.key)
    to = cast(TypeScriptView, link.to)
    made = view.link_variable(link)
    get = view.operations.get
    assert get is not None
    parent = f"{made}.{view.name}_id"
    where = _all([f"inArray({parent}, [...ids])", *to.rows_shown(to.table, "caller.tenant")])
    yield f"\n/** A page of the {link.name.replace('_', ' ')} of each of these {view.spoken_plural}. */"
    yield (
        f"async function {name}(ctx: GraphContext, ids: readonly string[], sent: Row): Promise<readonly unknown[]> {{"
    )
    yield from _head(view, get, "caller" in where)
    yield '  const query = readPart("body", PageInput, sent) as z.output<typeof PageInput>;'
    yield f"  const where = {where};"
    yield f"  const joined = eq({made}.{to.name}_id, {to.table}.id);"
    yield f"  const order = sql`${{{to.table}.created_at}} desc, ${{{to.table}.id}} desc`;"
    yield from _paged(to.shown, parent, to.table, False, f".innerJoin({made}, joined)")


def _paged(shown: str, parent: str, table: str, by_cursor: bool, join: str = "") -> Iterator[str]:
    """The rest of a function that brings each parent's own page."""
    skipped = "0" if by_cursor else "(query.page - 1) * query.limit"
    reached = "query.limit + 1" if by_cursor else "skipped + query.limit"
    yield f"  const skipped = {skipped};"
    yield "  return ctx.services.database.read(async (connection) => {"
    yield "    const ranked = connection"
    yield "      .select({"
    yield f"        ...{shown},"
    yield f'        parent_: sql<string>`${{{parent}}}`.mapWith({parent}).as("parent_"),'
    yield (
        f"        place_: sql<number>`row_number() over (partition by ${{{parent}}} order by ${{order}})`"
        '.mapWith(Number).as("place_"),'
    )
    yield "      })"
    yield f"      .from({table}){join}"
    yield "      .where(where)"
    yield '      .as("ranked");'
    yield "    const rows = await connection"
    yield "      .select()"
    yield "      .from(ranked)"
    yield f"      .where(and(gt(ranked.place_, skipped), lte(ranked.place_, {reached})))"
    yield "      .orderBy(ranked.place_);"
    yield "    const mine = new Map<string, typeof rows>(ids.map((id) => [id, []]));"
    yield "    for (const row of rows) mine.get(row.parent_)?.push(row);"
    if by_cursor:
        yield "    return ids.map((id) => {"
        yield "      const [data, next] = pageOf(mine.get(id) ?? [], query.limit);"
        yield "      return { data, meta: { limit: query.limit, next_cursor: next } };"
        yield "    });"
    else:
        yield "    const counted = await connection"
        yield f"      .select({{ parent: {parent}, total: count() }})"
        yield f"      .from({table}){join}"
        yield "      .where(where)"
        yield f"      .groupBy({parent});"
        yield "    const totals = new Map(counted.map(({ parent, total }) => [parent, total]));"
        yield "    const { page, limit } = query;"
        yield "    return ids.map((id) => {"
        yield "      const meta = { page, limit, total: totals.get(id) ?? 0 };"
        yield "      return { data: mine.get(id) ?? [], meta };"
        yield "    });"
    yield "  });"
    yield "}"
