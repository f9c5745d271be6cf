"""Rows made through a rendered API, as a user of it would: parents first, every value fit for its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from rendered_projects import Backend

from knowledge.blueprint.fields import FieldSpec, FieldType, StringFormat
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import Idempotency

_numbers = count(1)


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
        body = await self.body(resource, user, **given)
        headers = self.headers(user, powerful=True) | self.key(resource)
        made = await self.backend.call("POST", f"/{resource.path}", json=body, headers=headers)
        assert made.status_code == 201, (name, body, made.text)
        row: dict[str, Any] = made.json()["data"]
        if resource.owner == "self":
            self.selves[name, user.id] = row
        return row

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
        """A change of one field."""
        for name, spec in resource.fields.items():
            if not spec.read_only and not spec.immutable:
                return {name: value_of(spec)}
        return {}

    def match(self, resource: Resource, row: Mapping[str, Any]) -> dict[str, str]:
        """The header that changes may demand."""
        return {"If-Match": f'"{row["version"]}"'} if resource.optimistic_locking else {}


def value_of(spec: FieldSpec) -> Any:
    """A value that no other row has."""
    number = next(_numbers)
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        return _text(spec, number)
    if spec.type is FieldType.INTEGER:
        least = int(spec.minimum or 0)
        most = int(spec.maximum) if spec.maximum is not None else least + 1_000_000
        return least + number % (most - least + 1)
    if spec.type is FieldType.DECIMAL:
        return f"{int(spec.minimum or 0) + number % 10}.{'5' * spec.scale}" if spec.scale else str(number % 10)
    fixed: dict[FieldType, Any] = {
        FieldType.BOOLEAN: True,
        FieldType.DATETIME: f"2030-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
        FieldType.DATE: f"{2000 + number % 1000:04}-01-31",
        FieldType.UUID: str(uuid4()),
        FieldType.JSON: {"number": number, "list": [1, 2.5, None, True, "x"]},
    }
    return spec.values[0] if spec.type is FieldType.ENUM else fixed[spec.type]


def _text(spec: FieldSpec, number: int) -> str:
    formats = {
        StringFormat.EMAIL: f"user{number}@example.org",
        StringFormat.URL: f"https://example.org/{number}",
        StringFormat.SLUG: f"slug-{number}",
    }
    text = formats.get(spec.format, f"{number:x}")
    return text.rjust(spec.min_length, "a")[-spec.longest :]
