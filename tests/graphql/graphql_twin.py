"""A rendered backend asked twice: by its routes and by GraphQL, the answers brought into one shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rendered_projects import Backend, example, postgres_url, running, write_project
from rendered_rows import Rows, User
from ts_backend import backend_at
from ts_project import write_typescript

from backend.engines.postgres.host import PostgresHost
from knowledge.blueprint.model import Interface
from knowledge.blueprint.routes import RouteKind
from knowledge.formats.graphql.contract import contract
from knowledge.formats.graphql.parts import Answered, Contract, Definition, RootField

STACKS = ("python", "typescript")
LIMIT = 2
"""Rows of a page, so that there are several."""


@dataclass
class Twin:
    """Both sides of one backend."""

    backend: Backend
    made: Contract

    @property
    def url(self) -> str:
        return f"{self.backend.blueprint.prefix}/graphql"

    def headers(self, user: User) -> dict[str, str]:
        return Rows(self.backend).headers(user)

    async def ask(self, query: str, user: User, **variables: Any) -> dict[str, Any]:
        """The answer to a document, whatever its status."""
        body = {"query": query, "variables": variables}
        answer = await self.backend.client.post(self.url, json=body, headers=self.headers(user))
        assert answer.headers["cache-control"] == "no-store"
        found: dict[str, Any] = answer.json()
        return found

    async def rest(self, method: str, path: str, user: User, **options: Any) -> tuple[int, dict[str, Any]]:
        headers = self.headers(user) | options.pop("headers", {})
        answer = await self.backend.call(method, path, headers=headers, **options)
        return answer.status_code, answer.json() if answer.content else {}

    def row(self, resource: str) -> Definition:
        return next(one for one in self.made.definitions if one.role == "row" and one.resource == resource)

    def columns(self, resource: str) -> list[Answered]:
        return [field for field in self.row(resource).fields if not field.leads]

    def leading(self, resource: str, *kinds: str) -> list[Answered]:
        return [field for field in self.row(resource).fields if field.leads in kinds]

    def selection(self, resource: str, *, leading: bool = False) -> str:
        """Everything that is shown of a row, and with ``leading`` of the rows it leads to."""
        parts = [field.name for field in self.columns(resource)]
        for field in self.leading(resource, "one", "children", "linked") if leading else ():
            inner = self.selection(field.resource)
            if field.leads == "one":
                parts.append(f"{field.name} {{ {inner} }}")
            else:
                parts.append(f"{field.name}({self.size(field)}: {LIMIT}) {{ {self.page(field.type, inner)} }}")
        return " ".join(parts)

    def size(self, field: Answered) -> str:
        return "first" if any(given.name == "first" for given in field.arguments) else "limit"

    def page(self, kind: str, inner: str) -> str:
        if kind.endswith("Connection"):
            return f"edges {{ cursor node {{ {inner} }} }} pageInfo {{ hasNextPage endCursor }}"
        return f"items {{ {inner} }} page limit total"

    def plain(self, resource: str, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """A row of GraphQL as the routes show it."""
        if row is None:
            return None
        wire = {one.name: {value.name: value.key for value in one.values} for one in self.made.definitions}
        found = {}
        for field in self.columns(resource):
            value, kind = row[field.name], field.type.strip("!")
            found[field.key] = wire[kind][value] if value is not None and wire.get(kind) else value
        return found

    def shown(self, resource: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a route without what is embedded in it."""
        return {field.key: row[field.key] for field in self.columns(resource)}

    def listed(self, resource: str, answered: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """A page of GraphQL: its rows, and meta as the routes have it."""
        if "edges" in answered:
            info = answered["pageInfo"]
            following = info["endCursor"] if info["hasNextPage"] else None
            return [edge["node"] for edge in answered["edges"]], {"limit": LIMIT, "next_cursor": following}
        return answered["items"], {name: answered[name] for name in ("page", "limit", "total")}

    def roots(self, *kinds: RouteKind) -> Iterator[RootField]:
        yield from (one for one in (*self.made.queries, *self.made.mutations) if one.route.kind in kinds)


def code(answer: Mapping[str, Any]) -> str:
    """The code of the first error of GraphQL, or empty."""
    errors = answer.get("errors") or []
    return str(errors[0]["extensions"]["code"]) if errors else ""


def rest_code(body: Mapping[str, Any]) -> str:
    """The code of a route's error, or empty."""
    return str(body["error"]["code"]) if "error" in body else ""


async def mutate(twin: Twin, name: str, user: User, selection: str, **given: Any) -> dict[str, Any]:
    """The answer to a mutation."""
    kind = name[0].upper() + name[1:] + "Input"
    return await twin.ask(
        f"mutation Do($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}", user, input=given
    )


@asynccontextmanager
async def twin(
    name: str,
    engine: str,
    folder: Path,
    postgres: PostgresHost,
    *,
    stack: str = "python",
    without: tuple[str, str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[Twin]:
    """An example running on one of the engines, with GraphQL; ``without`` replaces a text in one of its files."""
    blueprint = example(name)
    others = tuple(one for one in blueprint.interfaces if one is not Interface.GRAPHQL)
    blueprint = blueprint.model_copy(update={"interfaces": (Interface.GRAPHQL, *others)})
    write = write_project if stack == "python" else write_typescript
    project = write(blueprint, folder / "project")
    if without:
        path, was, now = without
        text = (project / path).read_text(encoding="utf-8")
        assert was in text
        (project / path).write_text(text.replace(was, now), encoding="utf-8")
    run = running if stack == "python" else backend_at
    async with AsyncExitStack() as entered:
        url = f"sqlite+aiosqlite:///{folder}/app.db"
        if engine == "postgresql":
            url = postgres_url(postgres, await entered.enter_async_context(postgres.scratch()))
        backend = await entered.enter_async_context(run(blueprint, project, url, **settings))
        yield Twin(backend, contract(blueprint))
