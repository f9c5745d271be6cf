"""GraphQL gives everybody exactly what the routes give them: rows, pages, ways to other rows, errors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from graphql_library import Library, filled, unknown
from graphql_twin import LIMIT, STACKS, Twin, code, rest_code, twin
from rendered_backends import ENGINES
from rendered_rows import Rows, User, every_role

from backend.engines.postgres.host import PostgresHost
from knowledge.blueprint.routes import RouteKind
from knowledge.formats.graphql.parts import RootField


async def walked(twin: Twin, one: RootField, user: User) -> list[dict[str, Any]]:
    """All pages of a list on both sides, compared; the rows as GraphQL has them."""
    resource = twin.backend.blueprint.resources[one.route.resource]
    by_cursor = one.field.type.endswith("Connection")
    inner = twin.page(one.field.type, twin.selection(resource.name, leading=True))
    found: list[dict[str, Any]] = []
    position: Any = None if by_cursor else 1
    while True:
        asked = {"cursor" if by_cursor else "page": position} if position is not None else {}
        status, body = await twin.rest("GET", f"/{resource.path}", user, params={"limit": LIMIT, **asked})
        where = f"{'first' if by_cursor else 'limit'}: {LIMIT}"
        if position is not None:
            where += f', after: "{position}"' if by_cursor else f", page: {position}"
        answer = await twin.ask(f"{{ {one.field.name}({where}) {{ {inner} }} }}", user)
        if status != 200:
            assert code(answer) == rest_code(body) and answer["data"] == {one.field.name: None}
            return found
        rows, meta = twin.listed(resource.name, answer["data"][one.field.name])
        assert [twin.plain(resource.name, row) for row in rows] == [
            twin.shown(resource.name, row) for row in body["data"]
        ]
        assert meta == body["meta"]
        found += rows
        position = meta.get("next_cursor") if by_cursor else position + 1
        if position is None or not rows:
            return found


async def led(twin: Twin, name: str, row: dict[str, Any], user: User) -> Counter[str]:
    """What a row leads to, compared with the routes that lead there; how often each kind was compared."""
    seen: Counter[str] = Counter()
    resource = twin.backend.blueprint.resources[name]
    for field in twin.leading(name, "one"):
        key = twin.plain(name, row)[f"{field.key}_id"]  # type: ignore[index]
        other = twin.backend.blueprint.resources[field.resource]
        if key is not None:
            status, body = await twin.rest("GET", f"/{other.path}/{key}", user)
            assert twin.plain(other.name, row[field.name]) == (body["data"] if status == 200 else None)
            seen["one" if status == 200 else "hidden"] += 1
        else:
            assert row[field.name] is None
    for field in twin.leading(name, "children", "linked"):
        last = field.key.replace("_", "-") if field.leads == "linked" else _path_of(twin, field.resource)
        path = f"/{resource.path}/{row['id']}/{last}"
        status, body = await twin.rest("GET", path, user, params={"limit": LIMIT})
        if status != 200:
            assert row[field.name] is None
            seen["closed"] += 1
            continue
        rows, meta = twin.listed(field.resource, row[field.name])
        assert [twin.plain(field.resource, one) for one in rows] == [
            twin.shown(field.resource, one) for one in body["data"]
        ]
        assert meta == body["meta"]
        seen[field.leads] += len(rows)
    return seen


def _path_of(twin: Twin, resource: str) -> str:
    return twin.backend.blueprint.resources[resource].path


async def items(twin: Twin, library: Library, user: User) -> Counter[str]:
    """Every row by its identifier, and one that does not exist."""
    seen: Counter[str] = Counter()
    for one in twin.roots(RouteKind.GET):
        resource = twin.backend.blueprint.resources[one.route.resource]
        for key in (*(row["id"] for row in library.rows[resource.name]), unknown(), "no identifier"):
            status, body = await twin.rest("GET", f"/{resource.path}/{key}", user)
            query = f'{{ {one.field.name}(id: "{key}") {{ {twin.selection(resource.name)} }} }}'
            answer = await twin.ask(query, user)
            assert code(answer) == rest_code(body)
            assert twin.plain(resource.name, answer["data"][one.field.name]) == body.get("data")
            seen[str(status)] += 1
    return seen


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("stack", STACKS)
async def test_everybody_is_answered_as_by_the_routes(
    stack: str, engine: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    seen: Counter[str] = Counter()
    async with twin("every_feature", engine, tmp_path, postgres, stack=stack) as pair:
        library = await filled(pair)
        for user in library.callers.values():
            seen += await items(pair, library, user)
            for one in pair.roots(RouteKind.LIST):
                for row in await walked(pair, one, user):
                    seen["listed"] += 1
                    seen += await led(pair, one.route.resource, row, user)
    assert all(seen[name] >= 5 for name in ("200", "401", "403", "404", "422", "listed", "one", "children", "linked"))


@pytest.mark.parametrize("name", ["blog", "shop", "odd"])
async def test_the_other_examples_are_answered_as_by_their_routes(
    name: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with twin(name, "sqlite", tmp_path, postgres) as pair:
        tenant = uuid4()
        rows, maker = Rows(pair.backend), User(tenant=tenant)
        library = Library()
        for resource in pair.backend.blueprint.resources:
            library.rows[resource] = [await rows.make(resource, maker) for _ in range(3)]
        powerful = User(maker.id, tenant, roles=every_role(pair.backend))
        for user in (maker, powerful, User(anonymous=True)):
            await items(pair, library, user)
            for one in pair.roots(RouteKind.LIST):
                for row in await walked(pair, one, user):
                    await led(pair, one.route.resource, row, user)
