"""SQL text as statements that know where they stand in the user's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from knowledge.report import Location


@dataclass(frozen=True)
class Statement:
    """One statement of a script.

    ``kind`` is the name of the grammar node (``CreateStmt``, ``AlterTableStmt``, ``IndexStmt``...),
    ``node`` that protobuf node itself (``None`` for what is not PostgreSQL SQL: psql meta-commands,
    COPY data, unparsable text). ``offset`` counts characters from the start of the file.
    """

    sql: str
    location: Location
    kind: str
    node: Any = field(default=None, compare=False, repr=False)
    offset: int = 0
    first_byte: int = 0
    """Where ``sql`` begins, in the counting of the byte positions inside ``node``."""
    copy_data: str = ""
    """For ``COPY ... FROM stdin``: the rows that follow it, without the closing ``\\.``."""


@dataclass(frozen=True)
class Problem:
    """Text that could not be read, with the reason in the reader's own words."""

    location: Location
    message: str
    sql: str = ""


@dataclass(frozen=True)
class Script:
    """A file of SQL: its statements in order, and what could not be read."""

    path: str
    text: str = field(repr=False)
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text split into lines, without their ends."""
        return tuple(self.text.splitlines())

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of its statements: a rule need not look for what is not there."""
        return frozenset(statement.kind for statement in self.statements)
