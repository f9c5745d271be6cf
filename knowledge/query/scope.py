"""Which table a column of a query belongs to: the names one SELECT can see, and those around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.query.expressions import MAX_EXPRESSION, bare_sql, fields_of, is_indexable, kind_of, own_references
from knowledge.query.shape_model import Condition, JoinKey, Key, SortKey, TableUse
from knowledge.schema import Relation

MAX_USES = 200
"""Mentions of tables in one statement that are read."""


@dataclass
class Mention:
    """A :class:`TableUse` while it is being read."""

    number: int
    table: Relation
    alias: str
    level: int
    role: str = "read"
    conditions: list[Condition] = field(default_factory=list)
    alternatives: list[tuple[Condition, ...]] = field(default_factory=list)
    joins: list[JoinKey] = field(default_factory=list)
    sort: tuple[SortKey, ...] = ()
    sort_complete: bool = False
    groups: list[tuple[Key, ...]] = field(default_factory=list)
    extremes: list[Key] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)
    whole_row: bool = False
    changed: set[str] = field(default_factory=set)
    limited: bool = False

    def finished(self) -> TableUse:
        """What was read, without repetitions."""
        return TableUse(
            self.table.qualified,
            self.alias,
            self.role,
            tuple(dict.fromkeys(self.conditions)),
            tuple(dict.fromkeys(self.alternatives)),
            tuple(dict.fromkeys(self.joins)),
            self.sort,
            self.sort_complete,
            tuple(dict.fromkeys(self.groups)),
            tuple(dict.fromkeys(self.extremes)),
            frozenset(self.needed),
            self.whole_row,
            frozenset(self.changed),
            self.limited,
            self.level,
        )


@dataclass
class Derived:
    """A subquery in FROM or a WITH query: which of its columns are plainly columns of a table."""

    columns: dict[str, tuple[Mention, str] | None] = field(default_factory=dict)
    passing: bool = True
    """Whether the planner can hand a condition on it down to the tables inside."""
    open: bool = False
    """Whether it may have columns that are not listed."""

    def renamed(self, names: Sequence[str]) -> Derived:
        """The same with other names for its first columns, as an alias gives them."""
        own = list(self.columns.items())
        return Derived(
            {names[place] if place < len(names) else name: column for place, (name, column) in enumerate(own)},
            self.passing,
            self.open,
        )


@dataclass
class Scope:
    """The names of one FROM, and the scope around it."""

    above: Scope | None = None
    mentions: dict[str, Mention] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)

    def find(self, reference: Any) -> tuple[Mention, str] | None:
        """The table and column of a reference, looked for from here outwards; ``None`` where it is none."""
        parts = fields_of(reference)
        if not parts or parts[-1] == "*":
            return None
        if len(parts) == 1:
            return self._bare(parts[0])
        return self._of(parts[-2], parts[-1])

    def _bare(self, name: str) -> tuple[Mention, str] | None:
        owners = [(mention, name) for mention in self.mentions.values() if mention.table.column(name)]
        inner = [derived.columns[name] for derived in self.derived.values() if name in derived.columns]
        if owners:  # a column merged by USING is in two tables: the first will do
            return owners[0]
        if inner or any(derived.open for derived in self.derived.values()):
            return inner[0] if inner else None
        return self.above._bare(name) if self.above else None

    def _of(self, alias: str, name: str) -> tuple[Mention, str] | None:
        mention = self.mentions.get(alias)
        if mention is not None:
            return (mention, name) if mention.table.column(name) else None
        if alias in self.derived:
            return self.derived[alias].columns.get(name)
        return self.above._of(alias, name) if self.above else None

    def passes(self, reference: Any) -> bool:
        """Whether a condition on this column reaches the table it comes from."""
        parts = fields_of(reference)
        alias = parts[-2] if len(parts) > 1 else ""
        scope: Scope | None = self
        while scope is not None:
            for name, derived in scope.derived.items():
                if (alias == name or (not alias and parts[-1] in derived.columns)) and not derived.passing:
                    return False
            scope = scope.above
        return True

    def owners(self, node: Any) -> list[tuple[Mention, str]] | None:
        """The tables and columns of all references in an expression; ``None`` where one is unknown."""
        found = [self.find(reference) if self.passes(reference) else None for reference in own_references(node)]
        return None if any(item is None for item in found) else [item for item in found if item is not None]

    def key(self, node: Any) -> tuple[Mention, Key] | None:
        """An expression as something an index could hold, with the one table it is of."""
        found = self.owners(node)
        if not found or any(mention is not found[0][0] for mention, _ in found):
            return None
        mention = found[0][0]
        if kind_of(node) == "column_ref":
            return mention, Key(found[0][1], "", (found[0][1],))
        if len(found) > 4 or not is_indexable(node) or any(self._renamed(ref) for ref in own_references(node)):
            return None
        text = bare_sql(node)
        if not text or len(text) > MAX_EXPRESSION:
            return None
        return mention, Key("", text, tuple(dict.fromkeys(column for _, column in found)))

    def _renamed(self, reference: Any) -> bool:
        """Whether a derived table calls the column by another name."""
        found = self.find(reference)
        return found is None or found[1] != fields_of(reference)[-1]
