"""Review by execution, and the cost of watching a migration, against PostgreSQL alone."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from backend.engines.postgres.host import PostgresHost
from backend.engines.trace.script import trace_statements
from benchmarks.ddl import generated_migration
from benchmarks.figures import Comparison, Figure, median
from knowledge.formats.postgres_sql import read
from knowledge.statement import Statement
from tools.review_schema import TOOL
from tools.toolbox import Toolbox

NAME = "generated.sql"


async def evidence_review(toolbox: Toolbox, text: str, runs: int) -> list[Comparison | Figure]:
    """Review ``text`` by executing it, and load the same file with psql into the same server, in turns."""
    path = toolbox.workspace.root / NAME
    path.write_text(text, encoding="utf-8")
    request = TOOL.request.model_validate({"path": NAME})
    ours, loads, theirs = [], [], []
    for _ in range(runs):
        theirs.append(await psql(toolbox.postgres, path))
        began = time.perf_counter()
        report = await TOOL.run(request, toolbox)
        ours.append(time.perf_counter() - began)
        loads.append(float(report.fact("load seconds") or "nan"))
    size = f"{len(text) / 1e6:.2f} MB of DDL"
    return [
        Comparison(f"evidence review of {size}", "psql -f", median(ours), median(theirs), "s", "<= 1.5 x"),
        Comparison("- of that, loading with trace", "psql -f", median(loads), median(theirs), "s", ""),
    ]


async def psql(host: PostgresHost, path: Path) -> float:
    """Seconds that ``psql -f`` takes, its output thrown away."""
    async with host.scratch() as scratch:
        program, environment, arguments = host.psql_env(scratch)
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            "--quiet",
            "--no-psqlrc",
            "--set=ON_ERROR_STOP=1",
            f"--file={path}",
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            raise RuntimeError(f"psql could not load {path.name}")
        return time.perf_counter() - began


async def trace_overhead(host: PostgresHost, tables: int, statements: int, runs: int) -> Figure:
    """Milliseconds that watching adds to a migration's statement: locks, rewrites, scans and two probes."""
    setup, migration = generated_migration(tables, statements)
    script = read(migration).statements
    extra = []
    for _ in range(runs):
        plain = await _executed(host, setup, script)
        traced = await _traced(host, setup, script)
        extra.append((traced - plain) / len(script) * 1000)
    return Figure(f"watching a migration of {len(script)} statements", median(extra), "ms a statement", "<= 5 ms")


async def _executed(host: PostgresHost, setup: str, script: tuple[Statement, ...] | list[Statement]) -> float:
    async with host.scratch() as scratch:
        connection = await scratch.connect()
        try:
            await connection.execute(setup)
            began = time.perf_counter()
            async with connection.transaction():
                for statement in script:
                    await connection.execute(statement.sql)
            return time.perf_counter() - began
        finally:
            await connection.close()


async def _traced(host: PostgresHost, setup: str, script: tuple[Statement, ...] | list[Statement]) -> float:
    async with host.scratch() as scratch:
        connection = await scratch.connect()
        try:
            await connection.execute(setup)
        finally:
            await connection.close()
        began = time.perf_counter()
        traces = await trace_statements(scratch, script)
        seconds = time.perf_counter() - began
    if failed := [trace.error for trace in traces if trace.error]:
        raise RuntimeError(f"the migration of the benchmark fails: {failed[0].message}")
    return seconds
