"""Who may see and change the rows of a resource, in the words of the generated code."""

from __future__ import annotations

from functools import cached_property

from backend.scaffold.rendering.access import Rule, anonymous_readers, rule_of
from backend.scaffold.rendering.named import Link, Named, Relation


class Guarded(Named):
    """A resource with its rules, and the functions that decide them."""

    @cached_property
    def anonymous(self) -> bool:
        """Whether functions that look for a row may be called without a caller."""
        return anonymous_readers(self.blueprint, self.resource)

    @property
    def read(self) -> Rule | None:
        """Who may read a row; ``None`` where nothing reads, and nobody is refused."""
        reading = self.resource.reading
        return rule_of(self.resource, reading, optional=self.anonymous) if reading else None

    @property
    def reader(self) -> str:
        """The annotation of the caller in functions that look for a row; empty where they need none."""
        if self.tenant or (self.read and self.read.test):
            return "Caller | None" if self.anonymous and not self.tenant else "Caller"
        return ""

    @property
    def asks(self) -> str:
        """The argument for it."""
        return ", caller" if self.reader else ""

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
        return bool(rule.roles) and self.refusal(rule) == "ForbiddenError"

    def refusal(self, rule: Rule) -> str:
        """The error for a caller who may not change a row."""
        if self.read is None or rule == self.read:
            return f'NotFoundError("{self.title}")'
        if not self.read.test:
            return "ForbiddenError"
        return f'ForbiddenError if may_read({self.read.arguments}) else NotFoundError("{self.title}")'

    @property
    def change_name(self) -> str:
        """The function that says who may update a row."""
        return self._named(self.change, "may_update")

    @property
    def removal_name(self) -> str:
        """The function that says who may delete a row."""
        return self._named(self.removal, "may_delete")

    def _named(self, rule: Rule | None, otherwise: str) -> str:
        if rule == self.read:
            return "may_read"
        return "may_change" if self.change == self.removal else otherwise

    @property
    def change_tests(self) -> tuple[tuple[str, Rule, str], ...]:
        """The functions that say who may change a row: name, rule, and what it is about."""
        found = {}
        for name, rule, what in (
            (self.change_name, self.change, "update"),
            (self.removal_name, self.removal, "delete"),
        ):
            if rule is not None and rule.test and name != "may_read" and not self.by_role(rule):
                found[name] = (name, rule, "change" if name == "may_change" else what)
        return tuple(found.values())

    @property
    def access_names(self) -> tuple[str, ...]:
        """What the service calls of the module of access."""
        linked = [f"find_{self.name}"] if self.links else []
        reads = ["may_read"] if self.read and self.read.test else []
        names = [*linked, *reads, *(name for name, _, _ in self.change_tests)]
        own = [relation.to.name for relation in self.relations if relation.to.name == self.name]
        return tuple(sorted({*names, *(f"{name}_exists" for name in own if self.referenced)}))

    @property
    def referenced(self) -> bool:
        """Whether writes refer to its rows."""
        given = any(
            name in {relation.name for relation in (*child.given, *child.changeable_relations)}
            for child, name in self.referring
        )
        linked = any(
            link.to.name == self.name for other in self.others for link in other.links if other.operations.update
        )
        return given or linked

    @property
    def given(self) -> tuple[Relation, ...]:
        """The relations that a create refers to."""
        return self.given_relations if self.operations.create else ()

    @property
    def owns(self) -> bool:
        """Whether its rows are what makes callers owners of other rows."""
        return any(child.resource.owner == name and child.operations.create for child, name in self.referring)

    @property
    def looked_for(self) -> bool:
        """Whether routes look for one row: its own, or those of rows nested in it."""
        return self.operations.get is not None or any(
            child.resource.belongs_to[name].nested for child, name in self.referring
        )

    @property
    def lookups(self) -> tuple[Named, ...]:
        """The other resources whose rows the service looks for."""
        found = {relation.to.name: relation.to for relation in (*self.given, *self.changeable_relations)}
        if self.operations.create and self.owner_relation:
            found[self.owner_relation.to.name] = self.owner_relation.to
        if self.operations.update:
            found |= {link.to.name: link.to for link in self.links}
        return tuple(other for name, other in found.items() if name != self.name)

    # The caller as an argument

    @property
    def creator(self) -> str:
        """The annotation of the caller of a create; empty where it needs none."""
        create = self.operations.create
        if create is None or not (
            self.tenant or self.resource.owner or any(relation.to.reader for relation in self.given)
        ):
            return ""
        return "Caller | None" if create.public else "Caller"

    @property
    def updater(self) -> str:
        """The same for an update."""
        update = self.operations.update
        asked = any(relation.to.reader for relation in self.changeable_relations)
        if update is None or not (self.tenant or self._tested(self.change) or asked):
            return ""
        return "Caller | None" if update.public else "Caller"

    @property
    def remover(self) -> str:
        """The same for a delete."""
        return "Caller" if self.tenant or self._tested(self.removal) else ""

    @property
    def unlinker(self) -> str:
        """The same for taking a link away."""
        return "Caller" if self.tenant or self._tested(self.change) else ""

    def linker(self, link: Link) -> str:
        """The same for a new link."""
        if self.operations.update and self.operations.update.public and link.to.reader:
            return "Caller | None"
        return "Caller" if self.unlinker or link.to.reader else ""

    def _tested(self, rule: Rule | None) -> bool:
        return rule is not None and bool(rule.test)
