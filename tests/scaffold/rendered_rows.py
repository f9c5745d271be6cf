"""Rows made through a rendered API, as a user of it would: parents first, every value fit for its field."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from rendered_projects import Backend

from knowledge.blueprint.fields import FieldSpec, FieldType, StringFormat
from knowledge.blueprint.identifiers import link_table
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import Idempotency

TRIES = 20

_numbers = count(1)


class NoMoreRows(Exception):
    """The values that must be unique are used up."""


def every_role(backend: Backend) -> tuple[str, ...]:
    """The roles the blueprint names anywhere."""
    resources = backend.blueprint.resources.values()
    return tuple({role for each in resources for offered in each.operations.offered.values() for role in offered.roles})


@dataclass(frozen=True)
class User:
    """Somebody with a token."""

    id: UUID = field(default_factory=uuid4)
    tenant: UUID | None = None
    roles: tuple[str, ...] = ()
    anonymous: bool = False


@dataclass
class Rows:
    """Makes rows; whoever makes them holds every role while doing so, and owns them."""

    backend: Backend
    selves: dict[tuple[str, UUID], dict[str, Any]] = field(default_factory=dict)

    def headers(self, user: User, *, powerful: bool = False) -> dict[str, str]:
        """Of a request by the user."""
        if user.anonymous:
            return {}
        roles = every_role(self.backend) if powerful else user.roles
        return dict(self.backend.headers(user.id, *roles, tenant=user.tenant))

    async def make(self, name: str, user: User, /, **given: Any) -> dict[str, Any]:
        """A row of the user's; of a resource whose rows are users, the one that is the user."""
        resource = self.backend.blueprint.resources[name]
        known = self.selves.get((name, user.id))
        if resource.owner == "self" and known is not None:
            return known
        row = await self._make(resource, user, given)
        if resource.owner == "self":
            self.selves[name, user.id] = row
        return row

    async def _make(self, resource: Resource, user: User, given: dict[str, Any]) -> dict[str, Any]:
        if resource.operations.create is None:
            return await self._store(resource, user, await self.body(resource, user, **given))
        for _ in range(TRIES):
            body = await self.body(resource, user, **given)
            headers = self.headers(user, powerful=True) | self.key(resource)
            made = await self.backend.call("POST", f"/{resource.path}", json=body, headers=headers)
            if made.status_code == 201:
                row: dict[str, Any] = made.json()["data"]
                return row
            assert made.status_code == 409, (resource.name, body, made.text)
        raise NoMoreRows(resource.name)

    async def _store(self, resource: Resource, user: User, body: dict[str, Any]) -> dict[str, Any]:
        """A row of a resource that the API cannot make."""
        table = importlib.import_module("app.core.database").Base.metadata.tables[resource.plural]
        kept = {
            "id": user.id if resource.owner == "self" else uuid4(),
            "tenant_id": user.tenant,
            "owner_id": user.id,
            f"{resource.owner}_id": user.id,
            "version": 1,
            "created_at": datetime.now(UTC),
            "updated_at": datetime.now(UTC),
        }
        fixed = {name: spec.default for name, spec in resource.fields.items() if spec.read_only}
        values = {**body, **fixed, **kept}
        row = {name: python_value(table.c[name].type, values[name]) for name in values if name in table.c}
        async with self.backend.app.state.services.database.engine.begin() as connection:
            await connection.execute(table.insert().values(row))
        await self.backend.app.state.services.cache.invalidate(resource.plural)
        return {**body, "id": str(row["id"]), "version": 1}

    async def link(self, resource: Resource, relation: str, near: str, far: str) -> None:
        """Link two rows where the API cannot."""
        table = importlib.import_module("app.core.database").Base.metadata.tables[link_table(resource, relation)]
        keys = {f"{resource.name}_id": UUID(near), f"{resource.many_to_many[relation].resource}_id": UUID(far)}
        async with self.backend.app.state.services.database.engine.begin() as connection:
            await connection.execute(table.insert().values(keys))

    async def body(self, resource: Resource, user: User, *, without: str = "", **given: Any) -> dict[str, Any]:
        """What creates a row: every field, and the relations that are required but for ``without``."""
        body: dict[str, Any] = {
            name: value_of(spec) for name, spec in resource.fields.items() if not spec.read_only
        } | given
        for name, relation in resource.belongs_to.items():
            key = f"{name}_id"
            if name == resource.owner:
                await self.make(relation.resource, user)
            elif relation.required and key not in body and name != without:
                body[key] = (await self.make(relation.resource, user))["id"]
        return body

    def key(self, resource: Resource) -> dict[str, str]:
        """The header that creates may demand."""
        create = resource.operations.create
        return {"Idempotency-Key": uuid4().hex} if create and create.idempotency is not Idempotency.NONE else {}

    def changes(self, resource: Resource) -> dict[str, Any]:
        """A change of one field, of one that need not be unique if there is one."""
        alone = {name for name, spec in resource.fields.items() if spec.unique} | {
            n for g in resource.unique for n in g
        }
        for name, spec in sorted(resource.fields.items(), key=lambda item: item[0] in alone):
            if not spec.read_only and not spec.immutable:
                return {name: value_of(spec)}
        return {}

    def match(self, resource: Resource, row: Mapping[str, Any]) -> dict[str, str]:
        """The header that changes may demand."""
        if not resource.optimistic_locking:
            return {}
        # Rows that are callers are made once and may have changed since.
        return {"If-Match": "*" if resource.owner == "self" else f'"{row["version"]}"'}


def python_value(kind: Any, value: Any) -> Any:
    """A value of a JSON body as the column takes it."""
    if value is None or not isinstance(value, str):
        return value
    readers: dict[str, Any] = {
        "Uuid": UUID,
        "Exact": Decimal,
        "Date": date.fromisoformat,
        "UtcDateTime": datetime.fromisoformat,
    }
    return readers.get(type(kind).__name__, str)(value)


def value_of(spec: FieldSpec) -> Any:
    """A value that no other row has."""
    number = next(_numbers)
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        return _text(spec, number)
    if spec.type is FieldType.INTEGER:
        least, most = _range(spec, 1_000_000)
        return least + number % (most - least + 1)
    if spec.type is FieldType.DECIMAL:
        return _decimal(spec, number)
    fixed: dict[FieldType, Any] = {
        FieldType.BOOLEAN: number % 2 == 0,
        FieldType.DATETIME: f"2030-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
        FieldType.DATE: f"{2000 + number % 1000:04}-01-31",
        FieldType.UUID: str(uuid4()),
        FieldType.JSON: {"number": number, "list": [1, 2.5, None, True, "x"]},
    }
    return spec.values[number % len(spec.values)] if spec.type is FieldType.ENUM else fixed[spec.type]


def _range(spec: FieldSpec, size: int) -> tuple[int, int]:
    if spec.minimum is not None:
        return int(spec.minimum), int(spec.maximum if spec.maximum is not None else spec.minimum + size)
    most = int(spec.maximum) if spec.maximum is not None else size
    return most - size, most


def _decimal(spec: FieldSpec, number: int) -> str:
    least, most = _range(spec, 10 ** min(spec.precision - spec.scale, 6) - 1)
    whole = least + number % max(1, most - least)
    return f"{whole}.{number % 10**spec.scale:0{spec.scale}}" if spec.scale and whole >= 0 else str(whole)


def _text(spec: FieldSpec, number: int) -> str:
    formats = {
        StringFormat.EMAIL: f"user{number}@example.org",
        StringFormat.URL: f"https://example.org/{number}",
        StringFormat.SLUG: f"slug-{number}",
    }
    text = formats.get(spec.format, f"{number:x}")
    return text.rjust(spec.min_length, "a")[-spec.longest :]
