"""Models of an object mapper on their way to a schema, and what comes of reading them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge import schema_parts
from knowledge.report import Location
from knowledge.schema import Column, Constraint, Index, Relation, Schema
from knowledge.statement import Problem

_TEXT = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r'"([^"]+)"|[^\W\d][\w$]*')

MAX_PROBLEMS = 200
"""Of one text; who has more begins with these."""


@dataclass(frozen=True)
class ReadModels:
    """The tables that models declare. ``places``: where, by ``schema.table`` and ``schema.table.column``."""

    schema: Schema
    places: Mapping[str, Location]
    problems: tuple[Problem, ...]
    """What was not understood, in the order of the text."""


@dataclass
class TableDraft:
    """A table that takes shape."""

    schema: str
    name: str
    location: Location = Location()
    columns: dict[str, Column] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)

    @property
    def qualified(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"

    def key(self, name: str, columns: Sequence[str]) -> None:
        """Declare the primary key; the first declaration counts."""
        if self.primary_key or not columns:
            return
        constraint = schema_parts.primary_key(name, columns)
        self.constraints.insert(0, constraint)
        self.indexes.insert(0, schema_parts.index_behind(constraint, self.qualified))
        for column in columns:
            if column in self.columns:
                self.columns[column] = replace(self.columns[column], nullable=False)

    def unique(self, name: str, columns: Sequence[str]) -> None:
        """Declare a unique constraint."""
        constraint = schema_parts.unique_constraint(name, columns)
        self.constraints.append(constraint)
        self.indexes.append(schema_parts.index_behind(constraint, self.qualified))

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns of the key, or ``()``."""
        return next((item.columns for item in self.constraints if item.kind == "primary"), ())

    def relation(self) -> Relation:
        """The table as a schema holds it: keys, unique constraints, references, conditions."""
        order = {"primary": 0, "unique": 1, "foreign": 2, "check": 3}
        return Relation(
            self.schema,
            self.name,
            columns=tuple(self.columns.values()),
            constraints=tuple(sorted(self.constraints, key=lambda item: order.get(item.kind, 4))),
            indexes=tuple(sorted(self.indexes, key=lambda item: not item.constraint)),
            location=self.location,
        )


@dataclass
class Reading:
    """What has been read so far."""

    tables: dict[str, TableDraft] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    views: dict[str, None] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, location: Location, message: str, excerpt: str = "") -> None:
        """Something was not understood; a text that is something else altogether ends in one last problem."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(location, message, excerpt[:200]))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(location, "more was not understood than is listed"))

    def table(self, schema: str, name: str, location: Location) -> TableDraft | None:
        """A new table, or ``None`` where one of that name was declared before."""
        draft = TableDraft(schema, name, location)
        if draft.qualified in self.tables:
            self.problem(location, f"the table {draft.qualified} is declared twice; the first declaration counts")
            return None
        self.tables[draft.qualified] = draft
        self.places[draft.qualified] = location
        return draft

    def column(self, table: TableDraft, column: Column, location: Location) -> None:
        """A new column; a second one of the same name is a problem."""
        if column.name in table.columns:
            self.problem(location, f"the column {table.qualified}.{column.name} is declared twice")
            return
        table.columns[column.name] = column
        self.places[f"{table.qualified}.{column.name}"] = location

    def build(self) -> ReadModels:
        """The schema as it stands, problems in the order of the text."""
        schema = Schema(
            tables=tuple(table.relation() for table in self.tables.values()),
            enums=dict(self.enums),
            views=tuple(self.views),
        )
        ordered = sorted(self.problems, key=lambda problem: (problem.location.line, problem.location.column))
        return ReadModels(schema, self.places, tuple(ordered))


def cut(name: str, suffix: str, limit: int = 63) -> str:
    """``name`` and ``suffix`` in at most ``limit`` bytes, the suffix kept."""
    room = limit - len(suffix.encode())
    return name.encode()[:room].decode(errors="ignore") + suffix


def columns_of(condition: str, known: Mapping[str, object]) -> list[str]:
    """The columns a condition speaks of, in the order in which it does."""
    words = [match[1] or match[0] for match in _WORD.finditer(_TEXT.sub("", condition))]
    return [word for word in dict.fromkeys(words) if word in known]
