"""Every object of a database and its definition, so that two databases can be compared.

Two databases have equal fingerprints if nobody who uses them could tell them apart by their schema: same
objects, same definitions, same privileges. The order in which columns were added is no part of it
(``column_order=True`` adds it): a migration that drops a column and its way back that adds it again
meet here, although ``SELECT *`` shows the column in another place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from backend.engines.fingerprint_queries import COLUMN_ORDER, OWNERS, QUERIES, statement
from backend.engines.search_path import seen_with

if TYPE_CHECKING:
    import asyncpg

SHOWN = 120
"""Characters of a definition that a difference quotes."""


async def fingerprint(
    connection: asyncpg.Connection,
    *,
    owners: bool = True,
    column_order: bool = False,
    parts: Iterable[str] = tuple(QUERIES),
) -> dict[str, str]:
    """Every user object by kind and name, with its definition; no oids, no order of creation.

    Works inside and outside a transaction and leaves the session's ``search_path`` as it was.

    Args:
        owners: tell owners that are not the connected role.
        column_order: tell the order of columns too.
        parts: names of :data:`QUERIES` to use.

    Raises:
        asyncpg.PostgresError: the session is in a failed transaction.
    """
    queries = [QUERIES[part] for part in parts]
    queries += [OWNERS] if owners else []
    queries += [COLUMN_ORDER] if column_order else []
    async with seen_with(connection, ""):
        rows = await connection.fetch(statement(queries))
    return {row[0]: row[1] or "" for row in sorted(rows, key=lambda row: (row[0], row[1] or ""))}


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is ``missing``, ``added`` or ``changed`` in ``after``: one line each, in order of name."""
    lines = []
    for key in sorted({*before, *after}):
        if key not in after:
            lines.append(f"missing: {key} ({_short(before[key])})")
        elif key not in before:
            lines.append(f"added: {key} ({_short(after[key])})")
        elif before[key] != after[key]:
            was, now = _around(before[key], after[key])
            lines.append(f"changed: {key}: {was} -> {now}")
    return lines


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _around(before: str, after: str) -> tuple[str, str]:
    """The two texts from a little before the place where they part."""
    was, now = " ".join(before.split()), " ".join(after.split())
    if max(len(was), len(now)) <= SHOWN:
        return was, now
    place = next((at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    start = max(0, place - SHOWN // 3)
    lead = "…" if start else ""
    return lead + _short(was[start:]), lead + _short(now[start:])
