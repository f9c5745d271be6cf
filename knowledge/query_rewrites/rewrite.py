"""What a query rewrite is: a proposal about one query, and the record of the idea behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge.schema import Schema


@dataclass(frozen=True)
class Paging:
    """How to check a form that begins after the last row of the previous page.

    All with the sizes of the check in place of the query's: ``page`` is the query, ``previous`` gives the sort
    keys of the row before the page, ``next_page`` is the proposal, with ``$1`` and so on for those keys.
    ``planned`` is the proposal at the query's own size with values in place of the keys that the planner cannot
    know when it plans.
    """

    page: str
    previous: str
    next_page: str
    planned: str


@dataclass(frozen=True)
class Rewrite:
    """A query to use instead. It is only a guess until its results were compared and its plan costed."""

    sql: str
    explanation: str
    needs_index: str = ""
    """DDL of the index without which it gains nothing; ``""`` where there is one or none is needed."""
    paging: Paging | None = None
    """Where the results cannot be equal as they stand: ``sql`` has placeholders for the keys of a row."""


Propose = Callable[[str, Schema], Iterable[Rewrite]]


@dataclass(frozen=True)
class QueryRewrite:
    """One idea of how to say a query differently.

    ``unless`` says under which conditions it is not proposed. ``tables`` with ``before`` and ``after`` are an
    example that the tests run: ``propose(before)`` gives ``after``.
    """

    id: str
    claim: str
    why: str
    unless: str
    tables: str
    before: str
    after: str
    propose: Propose
