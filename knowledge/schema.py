"""A database schema as plain data: what a catalog says, with the place in the text that made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from knowledge.report import Location


@dataclass(frozen=True)
class Column:
    """A column; ``type`` is PostgreSQL's own spelling (``timestamp without time zone``)."""

    name: str
    type: str
    nullable: bool = True
    default: str = ""
    generated: str = ""
    """``""``, ``stored`` or ``virtual``."""
    identity: str = ""
    """``""``, ``always`` or ``by default``."""
    sequence: str = ""
    """The sequence a serial column owns."""


@dataclass(frozen=True)
class Constraint:
    """A table constraint; ``kind`` is primary, unique, foreign, check, exclude or not_null."""

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str
    validated: bool = True
    target: str = ""
    """For a foreign key: the schema-qualified table it points at."""
    target_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """An index; ``columns`` holds ``""`` where a key part is an expression, INCLUDE parts apart."""

    name: str
    method: str
    columns: tuple[str, ...]
    definition: str
    unique: bool = False
    primary: bool = False
    valid: bool = True
    partial: str = ""
    """The predicate of a partial index, or ``""``."""
    included: tuple[str, ...] = ()
    constraint: str = ""
    """The constraint this index implements, or ``""``."""


@dataclass(frozen=True)
class Relation:
    """A table; ``partition_of`` names its parent where it is a partition."""

    schema: str
    name: str
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    partitioned: bool = False
    partition_of: str = ""
    unlogged: bool = False
    location: Location = Location()

    @property
    def qualified(self) -> str:
        """``schema.table``, unquoted."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column | None:
        """The column called ``name``, or ``None``."""
        return next((column for column in self.columns if column.name == name), None)

    def constraints_of(self, kind: str) -> tuple[Constraint, ...]:
        """The constraints of one kind."""
        return tuple(constraint for constraint in self.constraints if constraint.kind == kind)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns of the primary key, or ``()``."""
        keys = self.constraints_of("primary")
        return keys[0].columns if keys else ()


@dataclass(frozen=True)
class Schema:
    """All tables of a database, in catalog order."""

    tables: tuple[Relation, ...] = ()
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    views: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Relation]:
        """Tables by ``schema.table``."""
        return {table.qualified: table for table in self.tables}

    @cached_property
    def index_names(self) -> frozenset[tuple[str, str]]:
        """Schema and name of every index."""
        return frozenset((table.schema, index.name) for table in self.tables for index in table.indexes)

    def table(self, name: str, schema: str = "public") -> Relation | None:
        """The table called ``name`` (``schema.table`` or bare), or ``None``."""
        return self.by_name.get(name if "." in name else f"{schema}.{name}")
