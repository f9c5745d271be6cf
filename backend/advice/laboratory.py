"""What advice needs of a database: plans with and without indexes that are not there to stay."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from knowledge.plan.model import Plan
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics


class TriedIndex(Protocol):
    """An index that was built for a trial."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def height(self) -> int:
        """Levels above the leaves of a B-tree, -1 for another method."""


class Trial(Protocol):
    """The database with the indexes of one trial."""

    @property
    def indexes(self) -> Sequence[TriedIndex]:
        """Those built, in the order given."""

    async def explain(self, sql: str) -> Plan:
        """The plan of a statement."""

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """The total cost, and the names of the indexes used."""


class Laboratory(Protocol):
    """A statistics lab, or a database with rows whose changes are rolled back."""

    @property
    def schema(self) -> Schema:
        """The tables with their indexes."""

    @property
    def statistics(self) -> DatabaseStatistics:
        """What its planner knows."""

    async def explain(self, sql: str) -> Plan:
        """The plan of a statement as things are."""

    def what_if(self, *ddl: str, without: Sequence[str] = ()) -> AbstractAsyncContextManager[Trial]:
        """The database with more indexes (one CREATE INDEX each) and without some of its own.

        Raises:
            LabError: an index cannot be built.
        """
