"""One resource, seen by the templates of the TypeScript target."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from backend.scaffold.rendering.access import Rule
from backend.scaffold.rendering.fields import unused
from backend.scaffold.rendering.named import Link, Relation
from backend.scaffold.rendering.view import View
from backend.scaffold.typescript.access import rule_of
from backend.scaffold.typescript.fields import ZodField, zod_fields
from backend.scaffold.typescript.literals import default_literal
from backend.scaffold.typescript.words import TAKEN, camel, variable
from knowledge.blueprint.model import OnDelete


class TypeScriptView(View):
    """What the views of both targets share is the blueprint's; here are the names and expressions of TypeScript."""

    def of(self, name: str) -> TypeScriptView:
        """Another resource of the blueprint."""
        return TypeScriptView(self.blueprint, self.blueprint.resources[name])

    # Names

    @property
    def row(self) -> str:
        """The type of its rows."""
        return f"{self.cls}Row"

    @property
    def table(self) -> str:
        """The variable of the table."""
        return variable(self.plural)

    @property
    def shown(self) -> str:
        """The variable of the columns clients see."""
        return f"{camel(self.name)}Columns"

    @property
    def key(self) -> str:
        """The variable of a row's id."""
        return camel(self.id)

    @property
    def one(self) -> str:
        """The singular within the name of a function, as in ``createOrderLine``."""
        return self.cls

    @property
    def many(self) -> str:
        """The plural within the name of a function."""
        return "".join(part.capitalize() for part in self.plural.split("_"))

    @property
    def exists_name(self) -> str:
        """The function that says whether a row exists."""
        return f"{camel(self.name)}Exists"

    @property
    def branch(self) -> str:
        """What the router of tRPC calls it."""
        return camel(self.plural)

    @property
    def procedures(self) -> str:
        """The variable of its procedures."""
        return f"{camel(self.plural)}Router"

    def link_variable(self, link: Link) -> str:
        """The variable of a table of links."""
        return variable(link.table)

    def link_name(self, link: Link) -> str:
        """As in ``linkProductTag``, without the verb."""
        return "".join(part.capitalize() for part in self.link_suffix(link).split("_"))

    def link_many(self, link: Link) -> str:
        """As in ``listProductTags``, without the verb."""
        return self.cls + "".join(part.capitalize() for part in link.name.split("_"))

    # Values

    @cached_property
    def zod(self) -> dict[str, ZodField]:
        """Relations and fields, for the schemas."""
        return zod_fields(self.resource)

    @property
    def shared_fields(self) -> tuple[ZodField, ...]:
        """The fields whose kinds more than one schema of a body names."""
        named = {field.name for field in (*self.created_fields, *self.updated_fields)}
        if not (self.operations.create or self.operations.update):
            return ()
        return tuple(field for name, field in self.zod.items() if field.shared and name in named)

    @property
    def server_values(self) -> dict[str, str]:
        """What a create sets in fields that clients only read."""
        return {name: default_literal(spec) for name, spec in self.specs.items() if spec.read_only}

    # Access

    @property
    def read(self) -> Rule | None:
        """Who may read a row; ``None`` where nothing reads, and nobody is refused."""
        reading = self.resource.reading
        return rule_of(self.resource, reading, optional=self.anonymous) if reading else None

    @property
    def change(self) -> Rule | None:
        """Who may update a row."""
        return rule_of(self.resource, self.operations.update) if self.operations.update else None

    @property
    def removal(self) -> Rule | None:
        """Who may delete a row."""
        return rule_of(self.resource, self.operations.delete) if self.operations.delete else None

    def by_role(self, rule: Rule) -> bool:
        """Whether one role says it all: whoever holds none may see the row, but not change it."""
        return bool(rule.roles) and self.refusal(rule) == "new ForbiddenError()"

    def refusal(self, rule: Rule) -> str:
        """The error for a caller who may not change a row."""
        missing = f'new NotFoundError("{self.title}")'
        if self.read is None or rule == self.read:
            return missing
        if not self.read.test:
            return "new ForbiddenError()"
        return f"mayRead({self.read.arguments}) ? new ForbiddenError() : {missing}"

    def _named(self, rule: Rule | None, otherwise: str) -> str:
        if rule == self.read:
            return "mayRead"
        return "mayChange" if self.change == self.removal else camel(otherwise)

    @property
    def change_tests(self) -> tuple[tuple[str, Rule, str], ...]:
        """The functions that say who may change a row: name, rule, and what it is about."""
        found = {}
        for name, rule, what in (
            (self.change_name, self.change, "update"),
            (self.removal_name, self.removal, "delete"),
        ):
            if rule is not None and rule.test and name != "mayRead" and not self.by_role(rule):
                found[name] = (name, rule, "change" if name == "mayChange" else what)
        return tuple(found.values())

    # Lists

    def rows_shown(self, holder: str, tenant: str) -> list[str]:
        """The conditions that every row shown has to meet, ``tenant`` being the tenant of the caller."""
        own = [f"eq({holder}.tenant_id, {tenant})"] if self.tenant else []
        return [*own, *([f"isNull({holder}.deleted_at)"] if self.soft else [])]

    def row_is(self, key: str, tenant: str = "caller.tenant") -> str:
        """The condition that finds one row, if it may be shown at all."""
        conditions = [f"eq({self.table}.id, {key})", *self.rows_shown(self.table, tenant)]
        return conditions[0] if len(conditions) == 1 else f"and({', '.join(conditions)})"

    @property
    def list_conditions(self) -> tuple[str, ...]:
        """The conditions of the list; those that are undefined do not count."""
        listing = self.operations.list
        if listing is None:
            return ()
        found = self.rows_shown(self.table, "caller.tenant")
        if listing.owner:
            own = f"eq({self.table}.{self.owner}, caller.id)"
            roles = ", ".join(f'"{role}"' for role in listing.roles)
            found.append(f"caller.hasRole({roles}) ? undefined : {own}" if roles else own)
        for relation in self.nested:
            found.append(f"equals({self.table}.{relation.column}, within.{relation.column})")
        for name in listing.filter:
            column = self.zod[name].name
            found.append(f"equals({self.table}.{column}, query.{column})")
        if listing.search:
            tests = [f"contains({self.table}.{name}, query.q)" for name in listing.search]
            test = tests[0] if len(tests) == 1 else f"or({', '.join(tests)})"
            found.append(f"query.q === undefined ? undefined : {test}")
        if self.by_cursor:
            behind = f"behind({self.table}.created_at, {self.table}.id, readCursor(query.cursor))"
            found.append(f"query.cursor === undefined ? undefined : {behind}")
        return tuple(found)

    def holder(self, relation: Relation) -> str:
        """The variable of an embedded row's table: an alias where the table alone could mean another."""
        to = cast(TypeScriptView, relation.to)
        return unused(camel(relation.name), {*TAKEN, self.table, to.table}, "Row") if self.alias(relation) else to.table

    def embedded_rows(self, relation: Relation) -> str:
        """The expression for the columns of an embedded row."""
        to = cast(TypeScriptView, relation.to)
        if not self.alias(relation):
            return to.shown
        return "{ " + ", ".join(f"{name}: {self.holder(relation)}.{name}" for name in to.columns) + " }"

    def joined(self, relation: Relation) -> str:
        """The arguments that join an embedded row; never one of another tenant."""
        holder = self.holder(relation)
        on = f"eq({holder}.id, {self.table}.{relation.column})"
        if relation.to.tenant:
            on = f"and({on}, eq({holder}.tenant_id, {self.table}.tenant_id))"
        return f"{holder}, {on}"

    # Deletes

    @property
    def holding(self) -> tuple[tuple[TypeScriptView, str], ...]:
        """The rows that keep a row from being marked as deleted: their resource, and the condition."""
        if not self.soft or self.operations.delete is None:
            return ()
        found = []
        for child, name in self.referring:
            if child.resource.belongs_to[name].on_delete is OnDelete.RESTRICT:
                to = cast(TypeScriptView, child)
                conditions = [f"eq({to.table}.{name}_id, {self.key})"]
                conditions += [f"ne({to.table}.id, {self.key})"] if child.name == self.name else []
                conditions += [f"isNull({to.table}.deleted_at)"] if child.soft else []
                found.append((to, conditions[0] if len(conditions) == 1 else f"and({', '.join(conditions)})"))
        return tuple(found)
