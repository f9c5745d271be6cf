"""How the rows of a resource are listed, in the words of the generated code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.scaffold.rendering.fields import Field, unused
from backend.scaffold.rendering.guarded import Guarded
from backend.scaffold.rendering.named import Relation
from knowledge.blueprint.operations import Pagination

if TYPE_CHECKING:
    from backend.scaffold.rendering.view import View


class Listed(Guarded):
    """A resource with its list: what comes along, what it is filtered, searched and sorted by."""

    @property
    def by_cursor(self) -> bool:
        """Whether the list is walked with cursors."""
        listing = self.operations.list
        return listing is not None and listing.pagination is Pagination.CURSOR

    @property
    def listed_for_caller(self) -> bool:
        """Whether callers get different lists."""
        listing = self.operations.list
        return listing is not None and (self.tenant or listing.owner)

    @property
    def embedded(self) -> tuple[Relation, ...]:
        """The relations whose rows come along."""
        listing = self.operations.list
        names = listing.embed if listing else ()
        return tuple(relation for relation in self.relations if relation.name in names)

    @property
    def apart(self) -> bool:
        """Whether embedding leads back to this resource by way of another, so that modules would import in a circle."""
        seen: set[str] = set()
        going = [relation.to for relation in self.embedded if relation.to.name != self.name]
        while going:
            other = going.pop()
            if other.name == self.name:
                return True
            if other.name not in seen:
                seen.add(other.name)
                going += [relation.to for relation in other.embedded]
        return False

    @property
    def aliased(self) -> tuple[Field, ...]:
        """The fields whose types have names of their own."""
        listing = self.operations.list
        used = {field.sent for field in (*self.created_fields, *self.updated_fields)}
        used |= {field.read for field in self.shown_fields}
        used |= {self.fields[name].asked for name in (listing.filter if listing else ())}
        return tuple(field for field in self.fields.values() if field.alias and field.sent in used)

    @property
    def orders(self) -> tuple[str, ...]:
        """What the list can be sorted by."""
        listing = self.operations.list
        return ("created_at", *listing.sort) if listing and listing.sort else ()

    @property
    def paging(self) -> str:
        """The parameters of the list that are no filters of the same name, as a set."""
        listing = self.operations.list
        search = ["q"] if listing and listing.search else []
        names = ["cursor" if self.by_cursor else "page", "limit", *(["sort"] if self.orders else []), *search]
        return "{" + ", ".join(f'"{name}"' for name in names) + "}"

    @property
    def filters(self) -> dict[str, str]:
        """Conditions by the names of their parameters."""
        listing = self.operations.list
        if listing is None:
            return {}
        columns = [self.fields[name].name for name in listing.filter]
        found = {column: f'{self.cls}.{column} == bindparam("{column}")' for column in columns}
        if listing.search:
            tests = [f'{self.cls}.{name}.ilike(bindparam("q"), escape="\\\\")' for name in listing.search]
            found["q"] = tests[0] if len(tests) == 1 else f"or_({', '.join(tests)})"
        for relation in self.nested:
            name = self.within(relation.name)
            found[name] = f'{self.cls}.{relation.column} == bindparam("{name}")'
        if listing.owner:
            found["owner_id"] = f'{self.cls}.{self.owner} == bindparam("owner_id")'
        if self.by_cursor:
            after = 'tuple_(bindparam("created_at", type_=UtcDateTime), bindparam("id", type_=Uuid))'
            found["cursor"] = f"tuple_({self.cls}.created_at, {self.cls}.id) < {after}"
        return found

    def within(self, relation: str) -> str:
        """The parameter that names the parent of nested rows; never that of a filter."""
        return unused(f"within_{relation}", {*self.specs, *(f"{name}_id" for name in self.resource.belongs_to)}, "_row")

    def visible(self, holder: str) -> list[str]:
        """The conditions that every row shown has to meet."""
        tenant = [f'{holder}.tenant_id == bindparam("tenant_id")'] if self.tenant else []
        return [*tenant, *([f"{holder}.deleted_at.is_(None)"] if self.soft else [])]

    def alias(self, relation: Relation) -> str:
        """The name of an embedded row's table where the class alone could mean another; else empty."""
        same = [other for other in self.embedded if other.to.name == relation.to.name]
        return f"{relation.name.upper()}_ROW" if relation.to.name == self.name or len(same) > 1 else ""

    def embedded_columns(self, relation: Relation) -> str:
        """The expression for the columns of an embedded row."""
        columns = "COLUMNS" if relation.to.name == self.name else f"{relation.to.name.upper()}_COLUMNS"
        alias = self.alias(relation)
        return f"[getattr({alias}, column.key) for column in {columns}]" if alias else columns

    def join(self, relation: Relation) -> str:
        """The arguments that join an embedded row; never one of another tenant."""
        holder = self.alias(relation) or relation.to.cls
        on = f"{holder}.id == {self.cls}.{relation.column}"
        if relation.to.tenant:
            on = f"and_({on}, {holder}.tenant_id == {self.cls}.tenant_id)"
        return f"{holder}, {on}"

    @property
    def embedded_classes(self) -> tuple[View, ...]:
        """The other resources whose rows come along."""
        return tuple({r.to.name: r.to for r in self.embedded if r.to.name != self.name}.values())
