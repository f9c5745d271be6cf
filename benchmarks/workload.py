"""Workload advice on TPC-H beside what other advisors were measured to reach, then tried on the populated database."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

import backend_architect  # noqa: F401  (claims the import path)
from backend.advice.workload import advise_workload
from backend.advice.workload_model import WeightedQuery, WorkloadAdvice
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.scratch import Scratch
from benchmarks.tpch import EIGHT_INDEXES, FOREIGN_KEYS, SCHEMA, populated, production_session
from benchmarks.tpch_fidelity import Fidelity, fidelity, statistics_of
from benchmarks.tpch_queries import LONG_RUNNING, QUERIES
from knowledge.formats.explain import read
from knowledge.identifiers import quoted

BUDGET = 420_000_000
"""Bytes at scale 1; proportionally less at smaller scales."""
SECONDS = 10.0
NOISE = 0.15
"""Share of its time by which a query may be slower and count as noise, and at least 5 ms."""
NOISE_MS = 5.0

OTHERS = (
    ("Dexter 0.6.3", "81.3 %", "292 MB", "5", "2.3 s", ""),
    ("index_advisor (union)", "71.1 %", "232 MB", "15", "0.6 s", ""),
    ("the leading database MCP server", "68.0 %", "1,423 MB", "16", "35 s", ""),
    ("plain Extend, 250 MB", "70.9 %", "218 MB", "9", "13 s", "4,276"),
    ("plain Extend, 500 MB", "68.6 %", "418 MB", "10", "51 s", "9,968"),
)
"""Measured once at scale 1 on the same 19 queries: estimated cost against primary keys only."""


@dataclass(frozen=True)
class Measured:
    """One query on the populated database: median milliseconds, and the indexes its plan uses.

    Without the indexes it is measured twice, before they are built and after they are dropped: a machine that
    became busier in between is no fault of theirs.
    """

    name: str
    first: float
    last: float
    after: float
    used: frozenset[str]

    @property
    def before(self) -> float:
        """Without the indexes: the mean of both measurements."""
        return (self.first + self.last) / 2

    @property
    def slower(self) -> bool:
        """Whether it got slower by more than noise."""
        return self.after > max(self.first, self.last) * (1 + NOISE) + NOISE_MS


@dataclass(frozen=True)
class Run:
    """Everything measured at one scale."""

    scale: float
    plain: Fidelity
    indexed: Fidelity
    advice: WorkloadAdvice
    measured: tuple[Measured, ...]

    @property
    def unused(self) -> list[str]:
        """Recommended indexes that no plan of the populated database uses."""
        used = frozenset[str]().union(*(each.used for each in self.measured))
        return sorted({index.candidate.name for index in self.advice.indexes} - used)


async def measure(host: PostgresHost, scale: float, seconds: float = SECONDS, runs: int = 5) -> Run:
    """Load, compare plans before and after eight indexes, advise, build what was advised, and measure."""
    queries = [WeightedQuery(sql, name=f"Q{number}") for number, sql in QUERIES.items() if number not in LONG_RUNNING]
    async with populated(host, scale) as scratch:
        plain = await fidelity(scratch)
        session = await production_session(scratch)
        try:
            for index in EIGHT_INDEXES:
                await session.execute(index, timeout=600)
            indexed = await fidelity(scratch, EIGHT_INDEXES)
            await session.execute(f"DROP INDEX {', '.join(index.split()[2] for index in EIGHT_INDEXES)}")
            async with open_lab(host, SCHEMA + FOREIGN_KEYS, await statistics_of(scratch)) as lab:
                advice = await advise_workload(lab, queries, budget_bytes=int(BUDGET * scale), seconds=seconds)
            first = [await _times(session, query.sql, runs) for query in queries]
            for row in advice.indexes:
                await session.execute(row.candidate.ddl, timeout=600)
            await _analyze_expressions(scratch, advice)
            after = [await _times(session, query.sql, runs) for query in queries]
            used = [await _used(session, query.sql) for query in queries]
            for row in advice.indexes:
                await session.execute(f"DROP INDEX {quoted(row.candidate.name)}")
            last = [await _times(session, query.sql, runs) for query in queries]
        finally:
            await session.close()
    rows = zip(queries, first, last, after, used, strict=True)
    measured = tuple(Measured(query.name, *times, names) for query, *times, names in rows)
    return Run(scale, plain, indexed, advice, measured)


async def _analyze_expressions(scratch: Scratch, advice: WorkloadAdvice) -> None:
    """ANALYZE the tables that got an index on an expression, as one does in production."""
    tables = {row.candidate.table for row in advice.indexes if any(key.expression for key in row.candidate.keys)}
    session = await scratch.connect()
    try:
        for table in sorted(tables):
            await session.execute(f"ANALYZE {table}", timeout=600)
    finally:
        await session.close()


async def _times(session: asyncpg.Connection, sql: str, runs: int) -> float:
    """Median milliseconds of several executions, after one that warms the caches."""
    times = []
    for number in range(runs + 1):
        began = time.perf_counter()
        await session.fetch(sql, timeout=600)
        if number:
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def _used(session: asyncpg.Connection, sql: str) -> frozenset[str]:
    plan = read(await session.fetchval(f"EXPLAIN (FORMAT JSON) {sql}"))
    return frozenset(node.index for node in plan.nodes if node.index)


def report(run: Run) -> str:
    """Markdown: fidelity, our row beside the others, the indexes, each query measured."""
    ours = (
        "**ours**",
        f"**{run.advice.relative:.1%}**".replace("%", " %"),
        f"{run.advice.bytes / 1e6:,.0f} MB",
        str(len(run.advice.indexes)),
        f"{run.advice.seconds:.1f} s",
        f"{run.advice.what_ifs:,}",
    )
    rows = [*OTHERS, ours]
    same = [22 - len(each.different) for each in (run.plain, run.indexed)]
    lines = [
        f"TPC-H, scale {run.scale:g}: {same[0]}/22 plans of the empty lab are those of the populated server,"
        f" {same[1]}/22 with eight indexes; the clone took {run.plain.clone_seconds:.2f} s.",
        "",
        "| advisor | relative cost | size | indexes | time | what-ifs |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        *(f"- `{row.ddl}`: {row.bytes / 1e6:,.1f} MB, {_names(run, row.queries)}" for row in run.advice.indexes),
        "",
        _use(run),
        "",
        "| query | ms before | ms after | planner's cost | |",
        "|---|---|---|---|---|",
        *_queries(run),
    ]
    return "\n".join(lines)


def _use(run: Run) -> str:
    """Whether the indexes are used where there are rows, and whether a query got slower."""
    if not run.advice.indexes:
        return "No index was recommended."
    used = f"not used: {', '.join(run.unused)}" if run.unused else "every index is used by a query's plan"
    slower = ", ".join(each.name for each in run.measured if each.slower) or "none"
    return f"Built on the populated database: {used}; slower by more than noise: {slower}."


def _names(run: Run, numbers: Sequence[int]) -> str:
    return ", ".join(run.measured[number].name for number in numbers)


def _queries(run: Run) -> list[str]:
    return [
        f"| {each.name} | {each.before:,.0f} | {each.after:,.0f} | {cost.after / cost.before:.0%} |"
        f" {'slower by more than noise' if each.slower else ''} |"
        for each, cost in zip(run.measured, run.advice.queries, strict=True)
    ]


async def run(scale: float, seconds: float, runs: int) -> Run:
    """Measure on a server of our own."""
    host = PostgresHost(database_limit=16 * 1024**3)
    try:
        return await measure(host, scale, seconds, runs)
    finally:
        await host.aclose()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.workload", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of TPC-H; 1 is a gigabyte")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the search")
    parser.add_argument("--runs", type=int, default=5, help="how often each query is executed; medians are shown")
    options = parser.parse_args()
    print(report(asyncio.run(run(options.scale, options.seconds, options.runs))))


if __name__ == "__main__":
    main()
