"""What a database's catalog says about the things a query names, as far as executing it is concerned.

Only what users (or extensions) made is described at length: PostgreSQL's own functions are known by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar


@dataclass(frozen=True)
class FunctionFact:
    """A function, procedure, aggregate or window function."""

    oid: int
    schema: str
    name: str
    own: bool
    """Whether it came with the server (its oid is below 16384)."""
    visible: bool
    volatility: str = "v"
    """``i``, ``s`` or ``v``, as ``pg_proc`` has it."""
    security_definer: bool = False
    language: str = ""
    kind: str = "f"
    extension: str = ""
    unary: bool = False
    """Whether it can be called with one argument, and so as ``row.name``."""
    source: str = ""
    definition: str = ""
    """``CREATE FUNCTION`` where its body is stored as a tree."""
    defaults: str = ""
    functions: tuple[int, ...] = ()
    """Parts of an aggregate."""
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class RelationFact:
    """A table, view, sequence or foreign table."""

    oid: int
    schema: str
    name: str
    visible: bool
    kind: str
    view: str = ""
    expressions: tuple[str, ...] = ()
    """Row security policies that apply to reading, and columns computed when read."""
    children: tuple[int, ...] = ()
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class TypeFact:
    """A type that a user or an extension made."""

    oid: int
    schema: str
    name: str
    visible: bool
    checks: tuple[str, ...] = ()
    """Expressions of a domain's constraints."""
    functions: tuple[int, ...] = ()
    """Input and output functions, and functions of casts from and to it."""
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class OperatorFact:
    """An operator that a user or an extension made, with the functions of its commutator and negator."""

    oid: int
    schema: str
    name: str
    visible: bool
    functions: tuple[int, ...] = ()


Named = TypeVar("Named", FunctionFact, RelationFact, TypeFact, OperatorFact)


@dataclass(frozen=True)
class Facts:
    """All facts about one query. ``complete`` is false where the reading was broken off."""

    functions: dict[int, FunctionFact] = field(default_factory=dict)
    relations: dict[int, RelationFact] = field(default_factory=dict)
    types: dict[int, TypeFact] = field(default_factory=dict)
    operators: dict[int, OperatorFact] = field(default_factory=dict)
    backslashes_plain: bool = True
    """``standard_conforming_strings``: whether a backslash in a string is just a backslash."""
    always: tuple[int, ...] = ()
    """Functions of casts between types of PostgreSQL's own that somebody added."""
    complete: bool = True

    @cached_property
    def functions_by_name(self) -> dict[str, list[FunctionFact]]:
        """Functions by bare name."""
        return _by_name(self.functions)

    @cached_property
    def relations_by_name(self) -> dict[str, list[RelationFact]]:
        """Relations by bare name."""
        return _by_name(self.relations)

    @cached_property
    def types_by_name(self) -> dict[str, list[TypeFact]]:
        """Types by bare name."""
        return _by_name(self.types)

    @cached_property
    def operators_by_name(self) -> dict[str, list[OperatorFact]]:
        """Operators by bare name."""
        return _by_name(self.operators)


def _by_name(facts: Mapping[int, Named]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    for fact in facts.values():
        found.setdefault(fact.name, []).append(fact)
    return found
