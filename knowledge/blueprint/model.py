"""The blueprint of a backend: resources, their relations and what is true of all of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from knowledge.blueprint.fields import MAX_DESCRIPTION, FieldSpec, Model
from knowledge.blueprint.operations import Operation, Operations, RateLimit

MAX_RESOURCES: Final = 100
MAX_FIELDS: Final = 80
"""Of one resource, relations not counted."""
MAX_RELATIONS: Final = 20
"""Of one kind and one resource."""
MAX_GROUPS: Final = 20
"""Of columns that are unique together."""


class OnDelete(StrEnum):
    """What happens to a row when the row it belongs to is deleted."""

    RESTRICT = "restrict"
    CASCADE = "cascade"
    SET_NULL = "set_null"


class BelongsTo(Model):
    """Many rows of this resource point to one of another; the column is ``<name>_id``."""

    resource: str
    """The resource pointed to."""
    required: bool = True
    """False: a row may belong to none."""
    on_delete: OnDelete = OnDelete.RESTRICT
    """What happens when the row it belongs to is deleted."""
    nested: bool = False
    """Also offer ``/<parents>/{id}/<children>``: list and create within one parent."""
    immutable: bool = False
    """Set on create, never changed by an update."""
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    """For the documentation of the API."""


class ManyToMany(Model):
    """Rows on both sides; offers ``/<this>/{id}/<name>`` to list, and PUT and DELETE to link and unlink.

    Listing needs what ``get`` needs, linking what ``update`` needs.
    """

    resource: str
    """The resource on the other side."""
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    """For the documentation of the API."""


class EventKind(StrEnum):
    """What can have happened to a row."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Resource(Model):
    """One kind of thing the API offers."""

    name: str = ""
    """Singular, snake_case; filled in from its key."""
    plural: str = ""
    """Filled in where it is left out; the table and the path are called so."""
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    """For the documentation of the API."""
    fields: dict[str, FieldSpec] = Field(min_length=1, max_length=MAX_FIELDS)
    """Its columns, by name."""
    belongs_to: dict[str, BelongsTo] = Field(default_factory=dict, max_length=MAX_RELATIONS)
    """Relations to one row of another resource, by name."""
    many_to_many: dict[str, ManyToMany] = Field(default_factory=dict, max_length=MAX_RELATIONS)
    """Relations to many rows of another resource, by name, in the plural."""
    unique: tuple[tuple[str, ...], ...] = Field(default=(), max_length=MAX_GROUPS)
    """Groups of fields and relations that are unique together (within a tenant)."""
    tenant: bool = False
    """Rows belong to the caller's tenant: column ``tenant_id``, set and demanded by every statement."""
    owner: str = ""
    """Whose a row is: ``owner_id`` (a column set from the caller on create), the name of a ``belongs_to`` relation
    (whose key is set from the caller on create), ``self`` (the row's id is the caller's), or empty."""
    soft_delete: bool = False
    """Deleted rows are marked with ``deleted_at`` and shown to nobody."""
    optimistic_locking: bool = False
    """Rows carry ``version``; update and delete demand ``If-Match`` with the ETag of the version they change."""
    events: tuple[EventKind, ...] = Field(default=(), max_length=len(EventKind))
    """What is written to the outbox, as ``<name>.<kind>``, in the transaction of the change."""
    operations: Operations
    """What can be done with it, and by whom."""

    @property
    def table(self) -> str:
        """Name of the table, and of the collection in paths (there with hyphens)."""
        return self.plural

    @property
    def path(self) -> str:
        """The collection's path segment."""
        return self.plural.replace("_", "-")

    @property
    def class_name(self) -> str:
        """As in ``OrderLine``."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def spoken(self) -> str:
        """The singular in a sentence."""
        return self.name.replace("_", " ")

    @property
    def spoken_with_article(self) -> str:
        """The same with its article, as in ``an order line``."""
        return f"{'an' if self.name[0] in 'aeio' else 'a'} {self.spoken}"

    @property
    def id_parameter(self) -> str:
        """Name of the path parameter, as in ``order_line_id``."""
        return f"{self.name}_id"

    @property
    def reading(self) -> Operation | None:
        """The operation whose access rules say who may read a row: ``get``, or ``list`` where there is none."""
        return self.operations.get or self.operations.list


class Auth(Model):
    """How callers prove who they are: a signed bearer token with ``sub``, ``roles`` and ``tenant_id``."""

    scheme: Literal["jwt", "none"] = "jwt"
    """``none``: no callers are known, everything is public."""


class Interface(StrEnum):
    """A way to the same operations beside REST."""

    GRAPHQL = "graphql"
    """At ``/graphql`` below the prefix; relations are loaded in batches."""
    TRPC = "trpc"
    """At ``/trpc`` below the prefix; of backends in TypeScript only."""


class Blueprint(Model):
    """A whole backend."""

    name: str
    """Of the project."""
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    """For the documentation of the API."""
    api_version: int = Field(default=1, ge=1, le=99)
    """The number in ``/api/v1``."""
    auth: Auth = Auth()
    """How callers prove who they are."""
    rate_limit: RateLimit = RateLimit(requests=100, seconds=60)
    """For every caller and every operation that has none of its own."""
    interfaces: tuple[Interface, ...] = Field(default=(), max_length=len(Interface))
    """What is offered beside REST, under the same access rules."""
    resources: dict[str, Resource] = Field(min_length=1, max_length=MAX_RESOURCES)
    """What the API offers, by name in the singular."""

    @property
    def prefix(self) -> str:
        """Where the API is mounted, as in ``/api/v1``."""
        return f"/api/v{self.api_version}"

    @property
    def tenant(self) -> bool:
        """Whether any resource belongs to tenants."""
        return any(resource.tenant for resource in self.resources.values())
