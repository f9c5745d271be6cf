"""The statements of a design, planned as a full database would plan them, and what each would be without its index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from backend.engines.lab.error import LabError
from backend.engines.lab.lab import Lab, open_lab
from backend.plans.ground import declared_ground
from backend.plans.live import open_live
from knowledge.plan.model import Node, Plan

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

MANY_SORTED: Final = 1_000
"""Rows from which on sorting them counts; a page of a few children is sorted in no time."""
LARGE: Final = 10_000
"""Rows from which on reading a whole table counts."""
_LIMIT = re.compile(r"\b(LIMIT|OFFSET) \$\d+(?:::\w+)?")
_PAGE = re.compile(r"\s+LIMIT \d+(?:\s+OFFSET .*)?$")
_PLACEHOLDER = re.compile(r"\$(\d+)")
_PLANNED = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Planned:
    """One statement at scale. Costs are the planner's units, never milliseconds."""

    sql: str
    """As it was planned: the size of the page in place of its placeholder."""
    plan: Plan
    cost: float
    indexes: tuple[str, ...]
    scans: tuple[str, ...]
    """Large tables that are read from end to end."""
    sorts: bool
    """Whether many rows are sorted for a page."""
    without: dict[str, float]
    """By index: the cost if it were not there."""
    unmatched: tuple[str, ...] = ()
    """Of a search: large tables that are read to their end for a word that stands nowhere, whatever the page's size."""
    unmatched_cost: float = 0.0


@dataclass(frozen=True)
class Plans:
    """All statements that could be planned, by their text as it ran."""

    found: dict[str, Planned]
    refused: dict[str, str]
    """Why the lab planned a statement not, by its text."""
    ddl: str
    """Of the migrated database."""
    differences: tuple[str, ...]
    """What the lab cannot reproduce."""


async def schema_sql(host: PostgresHost, url: str) -> str:
    """The DDL of the database that a mounted backend runs on.

    Raises:
        TargetError: it cannot be dumped.
    """
    async with open_live(url.replace("postgresql+asyncpg://", "postgresql://", 1)) as live:
        return await live.schema_sql(host)


async def plan_statements(
    host: PostgresHost, ddl: str, statements: Iterable[str], *, sizes: Mapping[str, int], page: int, today: date
) -> Plans:
    """Plan each different statement once.

    Args:
        host: our own server.
        ddl: of the schema.
        statements: as they ran, with placeholders.
        sizes: rows by table.
        page: rows of a page, which stands for the placeholder of a LIMIT (the server plans with its value as well).
        today: where columns of moments end.

    Raises:
        GroundError: a size names no table.
        LabError: the DDL cannot be used.
    """
    ground = declared_ground(ddl, [f"{table}={rows}" for table, rows in sizes.items()], today=today)
    found: dict[str, Planned] = {}
    refused: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(open_lab(host, ddl, ground.statistics))
        for sql in dict.fromkeys(statements):
            if not _PLANNED.match(sql):
                continue
            try:
                found[sql] = await _planned(lab, paged(sql, page))
            except LabError as error:
                refused[sql] = str(error)
        return Plans(found, refused, ddl, lab.differences)


def paged(sql: str, page: int) -> str:
    """``sql`` with the placeholders of LIMIT and OFFSET replaced by a page's size, the others counted anew."""

    def size(match: re.Match[str]) -> str:
        return f"LIMIT {page + 1}" if match[1] == "LIMIT" else f"OFFSET {page}"

    text = _LIMIT.sub(size, sql)
    numbers = {old: str(new) for new, old in enumerate(sorted(set(_PLACEHOLDER.findall(text)), key=int), start=1)}
    return _PLACEHOLDER.sub(lambda match: f"${numbers[match[1]]}", text)


async def _planned(lab: Lab, sql: str) -> Planned:
    plan = await lab.explain(sql)
    whole = await lab.explain(_PAGE.sub("", sql)) if " ILIKE " in sql and _PAGE.search(sql) else None
    indexes = tuple(dict.fromkeys(node.index for node in plan.nodes if node.index))
    without = {}
    for index in indexes:
        async with lab.what_if(without=[index]) as other:
            without[index] = (await other.cost(sql))[0]
    return Planned(
        sql,
        plan,
        plan.root.number_of("Total Cost"),
        indexes,
        tuple(dict.fromkeys(_scanned(lab, plan))),
        any(node.kind == "Sort" and _many_below(node) for node in plan.nodes),  # an incremental one stops with the page
        without,
        tuple(dict.fromkeys(_scanned(lab, whole))) if whole is not None else (),
        whole.root.number_of("Total Cost") if whole is not None else 0.0,
    )


def _many_below(node: Node) -> bool:
    return any(child.estimated_rows >= MANY_SORTED for child in node.children)


def _scanned(lab: Lab, plan: Plan) -> Iterable[str]:
    sizes = {relation.name: relation.tuples for relation in lab.statistics.relations}
    for node in plan.nodes:
        if node.kind == "Seq Scan" and sizes.get(node.relation.rpartition(".")[2], 0) >= LARGE:
            yield node.relation.rpartition(".")[2]
