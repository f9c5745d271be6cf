"""Hiding indexes from the planner by the flag of CREATE INDEX CONCURRENTLY (``pg_index.indisvalid``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from backend.engines.lab.error import LabError

if TYPE_CHECKING:
    import asyncpg

_SHOW = "UPDATE pg_catalog.pg_index SET indisvalid = $2 WHERE indexrelid = ANY ($1::oid[])"
_NAMED = """
WITH RECURSIVE named(oid, name) AS (
  SELECT c.oid, n.wanted FROM pg_catalog.unnest($1::text[]) AS n(wanted)
  JOIN pg_catalog.pg_class c ON c.relkind IN ('i', 'I')
  JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    AND (c.relname = n.wanted OR s.nspname || '.' || c.relname = n.wanted)
  JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid AND i.indisvalid
  WHERE c.oid >= 16384
  UNION
  SELECT h.inhrelid, named.name FROM named JOIN pg_catalog.pg_inherits h ON h.inhparent = named.oid
)
SELECT oid::int8, name FROM named
"""


class Visibility:
    """Which indexes the planner may use; changes hold for every session at once."""

    def __init__(self, admin: asyncpg.Connection) -> None:
        self._admin = admin
        self._hidden: set[int] = set()

    async def named(self, names: Sequence[str]) -> list[int]:
        """The visible indexes of those names (bare or ``schema.name``), with those of their partitions.

        Raises:
            LabError: there is none of one name.
        """
        if not names:
            return []
        rows = await self._admin.fetch(_NAMED, list(names))
        if missing := set(names) - {row["name"] for row in rows}:
            raise LabError(0, f"there is no index {', '.join(sorted(missing))}")
        return [int(row["oid"]) for row in rows]

    async def show(self, oids: Collection[int], *, visible: bool) -> None:
        """Show or hide indexes."""
        if oids:
            await self._admin.execute(_SHOW, list(oids), visible)

    async def only(self, built: Mapping[str, Sequence[int]], names: Collection[str]) -> None:
        """Of the built indexes show those named and hide the others.

        Raises:
            LabError: no built index has such a name.
        """
        if missing := set(names) - set(built):
            raise LabError(0, f"no index {', '.join(sorted(missing))} was built")
        hidden = {oid for name, oids in built.items() if name not in names for oid in oids}
        await self.show(self._hidden - hidden, visible=True)
        await self.show(hidden - self._hidden, visible=False)
        self._hidden = hidden
