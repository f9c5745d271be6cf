"""What the templates call a resource and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backend.scaffold.rendering.access import changeable, owner_column, references
from backend.scaffold.rendering.fields import Field, schema_fields
from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.identifiers import link_table
from knowledge.blueprint.model import BelongsTo, Blueprint, EventKind, Resource
from knowledge.blueprint.operations import Operations

if TYPE_CHECKING:
    from backend.scaffold.rendering.view import View


@dataclass(frozen=True)
class Relation:
    """A ``belongs_to`` relation and the resource it leads to."""

    name: str
    spec: BelongsTo
    to: View

    @property
    def column(self) -> str:
        """The key's column."""
        return f"{self.name}_id"


@dataclass(frozen=True)
class Link:
    """A many-to-many relation and the resource it leads to."""

    name: str
    table: str
    to: View


@dataclass(frozen=True)
class Named:
    """A resource in its blueprint: its names, fields and relations."""

    blueprint: Blueprint
    resource: Resource

    def of(self, name: str) -> View:
        """Another resource of the blueprint."""
        from backend.scaffold.rendering.view import View

        return View(self.blueprint, self.blueprint.resources[name])

    @property
    def others(self) -> tuple[View, ...]:
        """All resources of the blueprint."""
        return tuple(self.of(name) for name in self.blueprint.resources)

    @property
    def referring(self) -> tuple[tuple[View, str], ...]:
        """The relations that lead to it, with whose they are."""
        return tuple((self.of(child.name), name) for child, name in references(self.blueprint, self.resource))

    @property
    def name(self) -> str:
        """In the singular."""
        return self.resource.name

    @property
    def plural(self) -> str:
        """The package, the table and the collection are called so."""
        return self.resource.plural

    @property
    def cls(self) -> str:
        """The class of its rows."""
        return self.resource.class_name

    @property
    def id(self) -> str:
        """The parameter that names a row."""
        return self.resource.id_parameter

    @property
    def spoken(self) -> str:
        """The singular in a sentence."""
        return self.resource.spoken

    @property
    def spoken_plural(self) -> str:
        """The plural in a sentence."""
        return self.plural.replace("_", " ")

    @property
    def a(self) -> str:
        """The singular with its article."""
        return self.resource.spoken_with_article

    @property
    def title(self) -> str:
        """What messages call a row."""
        return self.spoken.capitalize()

    @property
    def tenant(self) -> bool:
        """Whether rows belong to tenants."""
        return self.resource.tenant

    @property
    def soft(self) -> bool:
        """Whether deleted rows are only marked."""
        return self.resource.soft_delete

    @property
    def locking(self) -> bool:
        """Whether changes demand ``If-Match``."""
        return self.resource.optimistic_locking

    @property
    def operations(self) -> Operations:
        """What it offers."""
        return self.resource.operations

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Relations and fields, for the schemas."""
        return schema_fields(self.resource)

    @property
    def specs(self) -> dict[str, FieldSpec]:
        """The fields as the blueprint has them."""
        return self.resource.fields

    @property
    def owner(self) -> str:
        """The column that says whose a row is."""
        return owner_column(self.resource)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """What a row belongs to."""
        return tuple(Relation(name, spec, self.of(spec.resource)) for name, spec in self.resource.belongs_to.items())

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The many-to-many relations."""
        return tuple(
            Link(name, link_table(self.resource, name), self.of(link.resource))
            for name, link in self.resource.many_to_many.items()
        )

    @property
    def owner_relation(self) -> Relation | None:
        """The relation that says whose a row is."""
        return next((relation for relation in self.relations if relation.name == self.resource.owner), None)

    @property
    def given_relations(self) -> tuple[Relation, ...]:
        """The relations that clients set on create."""
        return tuple(relation for relation in self.relations if relation.name != self.resource.owner)

    @property
    def nested(self) -> tuple[Relation, ...]:
        """The relations whose parents have a list of these rows."""
        return tuple(relation for relation in self.relations if relation.spec.nested)

    @property
    def split(self) -> tuple[Relation, ...]:
        """The relations that the path of a nested create gives instead of the body."""
        given = self.given_relations if self.operations.create else ()
        return tuple(relation for relation in given if relation.spec.nested)

    @property
    def changeable_relations(self) -> tuple[Relation, ...]:
        """The relations an update may set."""
        if self.operations.update is None:
            return ()
        return tuple(relation for relation in self.relations if changeable(self.resource, relation.name, relation.spec))

    @property
    def created_fields(self) -> tuple[Field, ...]:
        """What a create accepts, relations of ``split`` not included; values that must be there come first."""
        names = [name for name in self.resource.belongs_to if name != self.resource.owner]
        names = [name for name in names if name not in {relation.name for relation in self.split}]
        names += [name for name, spec in self.specs.items() if not spec.read_only]
        return tuple(self.fields[name] for name in names)

    @property
    def updated_fields(self) -> tuple[Field, ...]:
        """What an update accepts."""
        names = [relation.name for relation in self.changeable_relations]
        names += [name for name, spec in self.specs.items() if not spec.read_only and not spec.immutable]
        return tuple(self.fields[name] for name in names)

    @property
    def shown_fields(self) -> tuple[Field, ...]:
        """What answers contain, besides what every row has."""
        hidden = {name for name, spec in self.specs.items() if spec.write_only}
        return tuple(field for name, field in self.fields.items() if name not in hidden)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns clients see, in the order they see them."""
        owner = ("owner_id",) if self.resource.owner == "owner_id" else ()
        version = ("version",) if self.locking else ()
        return ("id", *owner, *(field.name for field in self.shown_fields), *version, "created_at", "updated_at")

    def emits(self, kind: str) -> bool:
        """Whether a change is told as an event."""
        return EventKind(kind) in self.resource.events
