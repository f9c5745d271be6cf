"""Whether the empty lab plans TPC-H as the populated server does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.engines.lab.lab import open_lab
from backend.engines.postgres.scratch import Scratch
from backend.engines.statistics_export import read_statistics
from benchmarks.tpch import FOREIGN_KEYS, PRODUCTION, SCHEMA, production_session
from benchmarks.tpch_queries import QUERIES
from knowledge.formats.explain import read
from knowledge.plan.model import Node
from knowledge.statistics import DatabaseStatistics

FIGURES = ("Cost", "Rows", "Width")
"""Names of properties that end so are estimates; everything else is the plan's shape."""


@dataclass(frozen=True)
class Fidelity:
    """The plans compared."""

    different: tuple[int, ...]
    """Numbers of the queries whose plans have another shape in the lab."""
    cost_error: float
    """The greatest difference of a total cost, as a share of the server's."""
    clone_seconds: float
    """Time to open the lab from statistics that were read."""


async def statistics_of(scratch: Scratch) -> DatabaseStatistics:
    """What the planner knows, in a session with PostgreSQL's default settings."""
    session = await scratch.connect(admin=True)
    try:
        for name, value in PRODUCTION.items():
            await session.execute(f"SET {name} = {value}")
        return await read_statistics(session)
    finally:
        await session.close()


async def fidelity(scratch: Scratch, indexes: Sequence[str] = (), queries: Mapping[int, str] = QUERIES) -> Fidelity:
    """Plans of the populated database, which has ``indexes``, beside those of a lab made from its statistics."""
    statistics = await statistics_of(scratch)
    ddl = SCHEMA + FOREIGN_KEYS + "".join(f"{index};\n" for index in indexes)
    different, errors = [], [0.0]
    session = await production_session(scratch)
    try:
        began = time.perf_counter()
        async with open_lab(scratch.host, ddl, statistics) as lab:
            seconds = time.perf_counter() - began
            for number, sql in queries.items():
                real = read(await session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE, SETTINGS) {sql}"))
                cloned = await lab.explain(sql)
                if shape(real.root) != shape(cloned.root):
                    different.append(number)
                cost = real.root.number_of("Total Cost")
                errors.append(abs(cloned.root.number_of("Total Cost") - cost) / cost)
    finally:
        await session.close()
    return Fidelity(tuple(different), max(errors), seconds)


def shape(node: Node) -> Any:
    """Everything a plan says but its estimates: node types, relations, indexes, order of joins, conditions."""
    properties = {name: value for name, value in node.properties.items() if not name.endswith(FIGURES)}
    return node.kind, properties, [shape(child) for child in node.children]
