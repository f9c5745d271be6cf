"""The CHECK constraints of a table: which columns each speaks of, and the values it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import postgast
from google.protobuf.message import DecodeError

from backend.rewriting.values import literals_of
from knowledge.query_rewrites.trees import GRAMMAR, text_of
from knowledge.schema import Relation

LENGTHS = 60
"""Longest text made up because a check speaks of a number: it may mean a length."""
_NUMBER = re.compile(r"\d+")
_ANYHOW = ("a@a.aa", "https://a.aa", "1990-01-01", "2999-01-01")
"""What checks ask for without saying it: an address, the past, the future."""


@dataclass(frozen=True)
class Check:
    """A condition on the rows of a table, as SQL, and the columns it names."""

    condition: str
    columns: tuple[str, ...]


def checks_of(table: Relation) -> tuple[Check, ...]:
    """The checks that every row of a table has passed: not those that were never validated or are not enforced."""
    return tuple(_checks(table, validated=True))


def _checks(table: Relation, *, validated: bool) -> Iterator[Check]:
    for constraint in table.constraints_of("check"):
        if (constraint.validated or not validated) and (condition := condition_of(constraint.definition)):
            yield Check(condition, constraint.columns)


def condition_of(definition: str, value: str = "") -> str:
    """The condition in ``CHECK (...) NOT VALID``; ``""`` where it cannot be read.

    Args:
        definition: as pg_get_constraintdef gives it.
        value: the column to write in place of VALUE, for a check of a domain.
    """
    try:
        tree = postgast.parse(f"ALTER TABLE t ADD {definition}")
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return ""
    for constraint in postgast.find_nodes(tree, GRAMMAR.Constraint):
        if value:
            for column in postgast.find_nodes(constraint, GRAMMAR.ColumnRef):
                column.fields[0].string.sval = value
        return text_of(constraint.raw_expr)
    return ""


def spoken_of(table: Relation) -> dict[str, tuple[str, ...]]:
    """The constants of the checks on each column, as text, and texts as long as their numbers."""
    found: dict[str, dict[str, None]] = {}
    for check in _checks(table, validated=False):
        literals = literals_of(f"SELECT {check.condition}")
        for column in check.columns:
            found.setdefault(column, {}).update(dict.fromkeys((*literals, *_long_as(literals))))
    return {column: (*literals, *_ANYHOW) for column, literals in found.items()}


def _long_as(literals: tuple[str, ...]) -> Iterator[str]:
    """``AAA`` and the like, for ``length(code) = 3`` and for ``code ~ '^[A-Z]{3}$'``."""
    for number in dict.fromkeys(number for text in literals for number in _NUMBER.findall(text)):
        if 0 < int(number) <= LENGTHS:
            yield from (letter * int(number) for letter in "aA1Z")
