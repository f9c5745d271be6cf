"""The access matrix of a blueprint, put to its rendered application."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from rendered_projects import Backend
from rendered_rows import TRIES, NoMoreRows, Rows, User

from knowledge.blueprint.expectations import CallerKind, Expectation, access_matrix
from knowledge.blueprint.model import Resource
from knowledge.blueprint.routes import Route, RouteKind

CREATES = (RouteKind.CREATE, RouteKind.NESTED_CREATE)
LISTS = (RouteKind.LIST, RouteKind.NESTED_LIST, RouteKind.LINKED)


async def broken_promises(backend: Backend) -> list[tuple[Any, ...]]:
    """Route, caller, status, whether the row was listed, and what was promised, where that is something else."""
    stage = Stage(backend)
    await stage.settle()
    wrong: list[tuple[Any, ...]] = []
    for expectation in access_matrix(backend.blueprint):
        try:
            status, listed = await stage.answer(expectation)
        except NoMoreRows:
            continue
        if status not in expectation.statuses or (status == 200 and listed != expectation.listed):
            promised = (set(expectation.statuses), expectation.listed)
            wrong.append((expectation.route.operation_id, expectation.caller.value, status, listed, promised))
    return wrong


class Stage:
    """The callers of the matrix, and requests by them that are in order otherwise."""

    def __init__(self, backend: Backend) -> None:
        self.backend, self.rows = backend, Rows(backend)
        home, abroad = (uuid4(), uuid4()) if backend.blueprint.tenant else (None, None)
        self.users = {
            CallerKind.ANONYMOUS: User(anonymous=True),
            CallerKind.OWNER: User(tenant=home),
            CallerKind.OTHER: User(tenant=home),
            CallerKind.OTHER_TENANT: User(tenant=abroad),
            CallerKind.ADMIN: User(tenant=home),
        }

    async def settle(self) -> None:
        """Callers have their own rows, where rows are callers."""
        for name, resource in self.backend.blueprint.resources.items():
            if resource.owner == "self":
                for kind, user in self.users.items():
                    if kind is not CallerKind.ANONYMOUS:
                        await self.rows.make(name, user)

    async def answer(self, expectation: Expectation) -> tuple[int, bool | None]:
        """Status, and whether the row is in the list."""
        route, owner = expectation.route, self.users[CallerKind.OWNER]
        resource = self.backend.blueprint.resources[route.resource]
        caller = self.users[expectation.caller]
        if route.kind is RouteKind.DELETE and resource.owner == "self":
            owner = User(tenant=owner.tenant)  # nothing else belongs to them
            caller = owner if expectation.caller is CallerKind.OWNER else caller
        if expectation.caller is CallerKind.ADMIN:
            caller = User(caller.id, caller.tenant, route.operation.roles)
        values: dict[str, str] = {}
        options: dict[str, Any] = {"headers": self.rows.headers(caller)}
        row: dict[str, Any] = {}
        nested = route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE)
        if nested:
            parent = await self.rows.make(route.other, owner)
            values[self.backend.blueprint.resources[route.other].id_parameter] = parent["id"]
        if route.kind in CREATES:
            return await self._created(route, resource, caller, values), None
        given = {f"{route.relation}_id": parent["id"]} if nested and route.relation != resource.owner else {}
        row = await self.rows.make(route.resource, owner, **given)
        values.setdefault(resource.id_parameter, row["id"])  # the parent's, where rows lie in rows of their kind
        if route.kind in (RouteKind.LINK, RouteKind.UNLINK, RouteKind.LINKED):
            other = await self.rows.make(route.other, owner)
            values[self.backend.blueprint.resources[route.other].id_parameter] = other["id"]
            if route.kind is RouteKind.LINKED:
                await self._link(route, row["id"], other["id"])
                row = other
        if route.kind is RouteKind.UPDATE:
            options["json"] = self.rows.changes(resource)
        if route.kind in (RouteKind.UPDATE, RouteKind.DELETE):
            options["headers"] |= self.rows.match(resource, row)
        path = route.path.removeprefix(self.backend.blueprint.prefix).format_map(values)
        answer = await self.backend.call(route.method, path, **options)
        if route.kind not in LISTS or answer.status_code != 200:
            return answer.status_code, None
        return answer.status_code, await self._listed(path, options, row["id"])

    async def _created(self, route: Route, resource: Resource, caller: User, values: dict[str, str]) -> int:
        """The status of a create; tried again where the values that must be unique happen to be taken."""
        if not self._may_refer(resource, caller, route):
            raise NoMoreRows(resource.name)
        maker = self.users[CallerKind.OWNER] if caller.anonymous else caller
        for _ in range(TRIES):
            body = await self.rows.body(resource, maker, without=route.relation)
            headers = self.rows.headers(caller) | self.rows.key(resource)
            path = route.path.removeprefix(self.backend.blueprint.prefix).format_map(values)
            answer = await self.backend.call("POST", path, json=body, headers=headers)
            if answer.status_code != 409 or resource.owner == "self":
                return answer.status_code
        raise NoMoreRows(resource.name)

    def _may_refer(self, resource: Resource, caller: User, route: Route) -> bool:
        """Whether the caller may read the rows that the body has to refer to; they made those themselves."""
        for name, relation in resource.belongs_to.items():
            reading = self.backend.blueprint.resources[relation.resource].reading
            if not relation.required or name in (resource.owner, route.relation) or reading is None or reading.public:
                continue
            wide = not {"authenticated", "tenant", "owner"}.isdisjoint(reading.access)
            if caller.anonymous or not (wide or set(caller.roles) & set(reading.roles)):
                return False
        return True

    async def _link(self, route: Route, near: str, far: str) -> None:
        path = f"{route.path.removeprefix(self.backend.blueprint.prefix)}/{far}"
        resource = self.backend.blueprint.resources[route.resource]
        if resource.operations.update is None:
            await self.rows.link(resource, route.relation, near, far)
            return
        headers = self.rows.headers(self.users[CallerKind.OWNER], powerful=True)
        linked = await self.backend.call("PUT", path.format_map({resource.id_parameter: near}), headers=headers)
        assert linked.status_code == 204, linked.text

    async def _listed(self, path: str, options: dict[str, Any], row: str) -> bool:
        """Page by page."""
        query: dict[str, Any] = {}
        for page in range(2, 1000):
            answer = (await self.backend.call("GET", path, params=query, **options)).json()
            if row in {each["id"] for each in answer["data"]}:
                return True
            following = answer["meta"].get("next_cursor")
            if following:
                query["cursor"] = following
            elif "page" in answer["meta"] and answer["data"]:
                query["page"] = page
            else:
                return False
        raise AssertionError("a list without an end")
