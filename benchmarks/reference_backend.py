"""``python -m benchmarks.reference_backend``: a backend against the usual way and against a hand-written minimum.

All serve the same table in the same PostgreSQL, each under uvicorn (uvloop, httptools, one process, no access log) on
a core of its own. A backend of yours takes part with ``--candidate``.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import backend_architect  # noqa: F401  (claims the import path)
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.exercise.load.address import address
from backend.exercise.load.text import milliseconds
from backend.exercise.served import App, serve, surroundings
from benchmarks.figures import median
from benchmarks.reference_apps import table
from benchmarks.reference_apps.candidate import CACHED, GET, MINIMAL, POST, UNCHANGED, USUAL, Candidate, Requests, parts
from benchmarks.reference_apps.cores import Cores, divided, pin, pinned
from benchmarks.reference_apps.rounds import SHARE, Contestant, capacity_round, common_rate, latency_round

UVICORN = {"loop": "uvloop", "http": "httptools", "ws": "none", "access_log": False, "log_level": "warning"}

BUSY = 0.9
"""Share of its core that a server uses which is the limit itself."""


def database_url(host: PostgresHost, scratch: Scratch, scheme: str) -> str:
    """The address of ``scratch`` over the unix socket, as libpq and SQLAlchemy take it."""
    _, who, _ = host.psql_env(scratch)
    account = f"{who['PGUSER']}:{quote(who['PGPASSWORD'], safe='')}"
    return f"{scheme}://{account}@/{who['PGDATABASE']}?host={quote(who['PGHOST'])}"


async def prepare(candidate: Candidate, environment: dict[str, str]) -> None:
    """Run the command that makes the candidate's own tables.

    Raises:
        RuntimeError: it failed.
    """
    if not candidate.prepare:
        return
    process = await asyncio.create_subprocess_exec(
        *candidate.prepare,
        cwd=candidate.folder,
        env={**surroundings(str(candidate.folder)), **environment},
    )
    if await process.wait():
        raise RuntimeError(f"{shlex.join(candidate.prepare)} failed")


@asynccontextmanager
async def contest(
    candidates: Sequence[Candidate], rows: int, cores: Cores
) -> AsyncIterator[tuple[list[Contestant], Scratch]]:
    """All candidates up at the same time on one filled table; those that nobody asks do nothing."""
    async with AsyncExitStack() as stack:
        host = PostgresHost()
        stack.push_async_callback(host.aclose)
        await host.start()
        assert host.server is not None
        pin(host.server.process.pid, cores.others)
        scratch = await stack.enter_async_context(host.scratch())
        environments = [
            {"DATABASE_URL": database_url(host, scratch, each.scheme), **each.environment} for each in candidates
        ]
        for candidate, environment in zip(candidates, environments, strict=True):
            await prepare(candidate, environment)
        await table.create(scratch)
        ids = await table.fill(scratch, rows)
        contestants = []
        for candidate, environment in zip(candidates, environments, strict=True):
            app = App(
                candidate.app,
                candidate.folder,
                environment,
                candidate.factory,
                options=UVICORN,
                cores=cores.server,
            )
            served = await stack.enter_async_context(serve(app))
            target = address(served.host, served.port)
            requests = await parts(candidate.requests, target, ids)
            contestants.append(Contestant(candidate.name, target, served, requests))
        yield contestants, scratch


async def measure(candidates: Sequence[Candidate], rows: int, rounds: int, seconds: float) -> list[Contestant]:
    """Measure all; the first candidate gives the rate at which latencies are compared."""
    cores = divided()
    with pinned(cores.others):
        async with contest(candidates, rows, cores) as (contestants, scratch):
            await _rounds(contestants, scratch, rounds, seconds)
    return contestants


async def _rounds(contestants: Sequence[Contestant], scratch: Scratch, rounds: int, seconds: float) -> None:
    kinds = list(dict.fromkeys(kind for each in contestants for kind in each.parts))
    turns = [(kind, each) for kind in kinds for each in contestants if kind in each.parts]
    for _ in range(rounds):
        for kind, contestant in turns:
            await capacity_round(contestant, kind, seconds)
            if kind == POST:
                await table.tidy(scratch)
    for _ in range(rounds):
        for kind, contestant in turns:
            await latency_round(contestant, kind, seconds, common_rate(contestants, kind, GET))
            if kind == POST:
                await table.tidy(scratch)


def shown(contestants: Sequence[Contestant]) -> str:
    """The figures as a Markdown table. Cached answers and 304s are set against the others' GET item."""
    usual, minimal = contestants[0], contestants[1]
    lines = [
        f"| request | server | requests/s | x {usual.name} | share of {minimal.name} | CPU us | core busy "
        "| at /s | p50 ms | p99 ms |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in dict.fromkeys(kind for each in contestants for kind in each.takings):
        for each in contestants:
            if (taking := each.takings.get(kind)) is None:
                continue
            first, second = (other.takings.get(kind, other.takings[GET]).capacity for other in (usual, minimal))
            lines.append(
                f"| {kind} | {each.name} | {taking.capacity:.0f} | {taking.capacity / first:.2f} "
                f"| {taking.capacity / second:.0%} | {median(taking.cpu) * 1e6:.0f} | {median(taking.busy):.0%} "
                f"| {common_rate(contestants, kind, GET):.0f} "
                f"| {milliseconds(median(taking.p50))} | {milliseconds(median(taking.p99))} |"
            )
    return "\n".join(lines)


def disturbances(contestants: Sequence[Contestant]) -> str:
    """Whether a server's core was the limit, as it must be for the rates to mean what they say."""
    idle = [
        f"{each.name}, {kind} ({median(taking.busy):.0%})"
        for each in contestants
        for kind, taking in each.takings.items()
        if median(taking.busy) < BUSY
    ]
    if not idle:
        return "Each server used its core fully, so its rate is the server's own."
    return "Something else than the server was the limit, so compare CPU a request instead: " + "; ".join(idle)


def promises(contestants: Sequence[Contestant]) -> list[str]:
    """Each promise of the reference backend, and whether the candidates after the yardsticks keep it."""
    usual, minimal, *candidates = contestants
    return [line for ours in candidates for line in _promises(usual, minimal, ours)]


def _promises(usual: Contestant, minimal: Contestant, ours: Contestant) -> list[str]:
    lines = [f"{ours.name}:"]
    for kind, taking in ours.takings.items():
        first, second = (other.takings.get(kind, other.takings[GET]) for other in (usual, minimal))
        if kind in (CACHED, UNCHANGED):
            lines.append(
                _promise(f"{kind}: share of {minimal.name}'s GET item", taking.capacity / second.capacity, 1.0)
            )
            continue
        lines.append(_promise(f"{kind}: times {usual.name}", taking.capacity / first.capacity, 2.5))
        if kind != POST:
            lines.append(_promise(f"{kind}: share of {minimal.name}", taking.capacity / second.capacity, 0.5))
        tail = median(taking.p99) / median(second.p99)
        lines.append(f"{'kept' if tail <= 2 else 'MISSED'}: {kind}: p99 {tail:.2f} times {minimal.name}'s (<= 2)")
    return lines


def _promise(what: str, value: float, least: float) -> str:
    return f"{'kept' if value >= least else 'MISSED'}: {what} {value:.2f} (>= {least:g})"


def candidate_of(options: argparse.Namespace) -> Candidate:
    """The backend that the command line names."""
    headers = dict(header.split(": ", 1) for header in options.header)
    environment = dict(variable.split("=", 1) for variable in options.env)
    requests = Requests(options.item, options.collection, options.cached, headers)
    return Candidate(
        options.name,
        options.candidate,
        environment,
        requests,
        options.folder.resolve(),
        options.factory,
        options.scheme,
        shlex.split(options.prepare),
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.reference_backend", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the table")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; medians are shown")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    ours = parser.add_argument_group("a backend that takes part")
    ours.add_argument("--candidate", metavar="MODULE:APP", help="as uvicorn takes it")
    ours.add_argument("--name", default="reference", help="what the table calls it")
    ours.add_argument("--folder", type=Path, default=Path(), help="where it is imported from")
    ours.add_argument("--factory", action="store_true", help="MODULE:APP makes the application")
    ours.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="DATABASE_URL is set")
    ours.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent with each request")
    ours.add_argument("--scheme", default=Candidate.scheme, help="of DATABASE_URL")
    ours.add_argument("--prepare", default="", metavar="COMMAND", help="run once before, as 'alembic upgrade head'")
    ours.add_argument("--item", default=Requests.item, help="path of one row, with {id}")
    ours.add_argument("--collection", default=Requests.collection, help="path of the list")
    ours.add_argument("--cached", default="", help="path that is answered from the application's cache, with {id}")
    options = parser.parse_args()
    candidates = [USUAL, MINIMAL, *([candidate_of(options)] if options.candidate else [])]
    began = time.monotonic()
    contestants = asyncio.run(measure(candidates, options.rows, options.rounds, options.seconds))
    print(shown(contestants))
    print(
        f"\n{options.rounds} interleaved rounds of {options.seconds:g} s, medians, {time.monotonic() - began:.0f} s in "
        f"all; latencies at {SHARE:.0%} of what {candidates[0].name} can do."
    )
    print(disturbances(contestants))
    if len(contestants) > 2:
        print("\n".join(["", *promises(contestants)]))


if __name__ == "__main__":
    main()
