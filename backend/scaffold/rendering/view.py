"""One resource, seen by the templates: everything they ask that the blueprint does not say in so many words."""

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.rendering.fields import Field
from backend.scaffold.rendering.listed import Listed
from backend.scaffold.rendering.literals import default_literal
from backend.scaffold.rendering.named import Link
from knowledge.blueprint.model import OnDelete


@dataclass(frozen=True)
class CreateSchema:
    """The body of a create: of the flat one, or of the one nested by ``relation``."""

    name: str
    base: str
    description: str
    fields: tuple[Field, ...]
    relation: str = ""


@dataclass(frozen=True)
class Sweep:
    """Rows that change in the application when the row they belong to is deleted."""

    to: View
    column: str
    marks: bool
    """They are marked as deleted; else they belong to none from then on."""

    @property
    def emits(self) -> bool:
        """Whether the change is told as an event."""
        return not self.marks and self.to.emits("updated")


class View(Listed):
    """A resource with its writes: what is sent, what the server sets, what a delete takes along."""

    @property
    def create_schemas(self) -> tuple[CreateSchema, ...]:
        """The bodies of creates. The service takes the first, and relations of nested routes apart."""
        flat = f"{self.cls}Create"
        split = self.split
        if not split:
            return (CreateSchema(flat, "BaseModel", f"A new {self.spoken}.", self.created_fields),)
        keys = {relation.name: self.fields[relation.name] for relation in split}
        nested = [
            CreateSchema(
                name=f"{relation.to.cls}{self.cls}Create",
                base="BaseModel",
                description=f"A new {self.spoken} of {relation.to.a}.",
                fields=self.created_fields,
                relation=relation.name,
            )
            for relation in split
        ]
        if len(split) == 1:
            base = nested[0]
            return (base, CreateSchema(flat, base.name, f"A new {self.spoken}.", tuple(keys.values())))
        base = CreateSchema(f"{self.cls}Fields", "BaseModel", f"What every new {self.spoken} has.", self.created_fields)
        rest = [
            CreateSchema(
                each.name,
                base.name,
                each.description,
                tuple(key for name, key in keys.items() if name != each.relation),
                each.relation,
            )
            for each in nested
        ]
        return (base, *rest, CreateSchema(flat, base.name, f"A new {self.spoken}.", tuple(keys.values())))

    @property
    def server_values(self) -> dict[str, str]:
        """What a create sets in fields that clients only read."""
        return {name: default_literal(spec) for name, spec in self.specs.items() if spec.read_only}

    @property
    def locked(self) -> bool:
        """Whether anything changes a row."""
        return self.operations.update is not None or self.operations.delete is not None

    def link_suffix(self, link: Link) -> str:
        """As in ``product_tag``, for the names of functions that make and take away links."""
        return f"{self.name}_{link.to.name if link.name == link.to.plural else link.name}"

    @property
    def held(self) -> tuple[str, ...]:
        """Conditions of rows that keep a row from being marked as deleted. Where it is removed, the database knows."""
        if not self.soft or self.operations.delete is None:
            return ()
        found = []
        for child, name in self.referring:
            if child.resource.belongs_to[name].on_delete is OnDelete.RESTRICT:
                live = f", {child.cls}.deleted_at.is_(None)" if child.soft else ""
                other = f', {child.cls}.id != bindparam("id")' if child.name == self.name else ""
                found.append(f'{child.cls}.{name}_id == bindparam("id"){other}{live}')
        return tuple(found)

    @property
    def holders(self) -> tuple[View, ...]:
        """The other resources whose rows can keep a row."""
        if not self.held:
            return ()
        return tuple(
            {
                child.name: child
                for child, name in self.referring
                if child.name != self.name and child.resource.belongs_to[name].on_delete is OnDelete.RESTRICT
            }.values()
        )

    @property
    def swept(self) -> tuple[Sweep, ...]:
        """What a delete changes besides. The database does it where nobody has to know."""
        if self.operations.delete is None:
            return ()
        found = []
        for child, name in self.referring:
            on_delete = child.resource.belongs_to[name].on_delete
            if on_delete is OnDelete.CASCADE and self.soft:
                found.append(Sweep(child, f"{name}_id", marks=True))
            elif on_delete is OnDelete.SET_NULL and (self.soft or child.locking or child.emits("updated")):
                found.append(Sweep(child, f"{name}_id", marks=False))
        return tuple(found)

    @property
    def swept_classes(self) -> tuple[View, ...]:
        """The other resources of those rows."""
        return tuple({sweep.to.name: sweep.to for sweep in self.swept if sweep.to.name != self.name}.values())

    @property
    def sweeping(self) -> str:
        """The same in words."""
        gone = [
            child.spoken_plural for child, name in self.referring if self._on_delete(child, name) is OnDelete.CASCADE
        ]
        return f", and its {' and '.join(dict.fromkeys(gone))} with it" if gone else ""

    @staticmethod
    def _on_delete(child: View, name: str) -> OnDelete:
        return child.resource.belongs_to[name].on_delete
