"""What works on this machine: each engine is started and used, and its times are measured."""

from __future__ import annotations

import platform
import sqlite3
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from backend.engines.postgres.binaries import EngineError, find_binaries
from backend.engines.postgres.host import PostgresHost
from backend.engines.sqlite import open_scratch

EXTRAS = {
    "alembic": ("alembic", "migrations written in Alembic", "are read as text"),
    "django": ("django", "migrations written in Django", "are read as text"),
    "fastapi": ("backend", "scaffolded backends", "are neither written nor exercised"),
}
"""By package: the extra that brings it, what it is for, and what happens without it."""


@dataclass(frozen=True)
class Check:
    """One line of the report. What is not ``required`` may be missing on a healthy machine."""

    name: str
    ok: bool
    detail: str
    required: bool = True


async def engine_report(binaries: Path | None = None, url: str = "") -> list[Check]:
    """Check Python, PostgreSQL, SQLite and the optional packages.

    Args:
        binaries: the ``bin`` folder the operator configured.
        url: the operator's PostgreSQL server; it is not shown, as it may hold a password.
    """
    return [
        Check("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        *([] if url else [_programs(binaries)]),
        *await _postgres(binaries, url),
        await _sqlite(),
        *(_extra(package, *about) for package, about in EXTRAS.items()),
    ]


def _programs(binaries: Path | None) -> Check:
    try:
        found = find_binaries(binaries)
    except EngineError as error:
        return Check("postgresql programs", False, str(error))
    return Check("postgresql programs", True, f"PostgreSQL {found.version} ({found.origin}) in {found.bindir}")


async def _postgres(binaries: Path | None, url: str) -> list[Check]:
    """Start a server, make a scratch database, copy it and run a statement in it as a guest."""
    host = PostgresHost(binaries, url)
    checks: list[Check] = []
    name = "postgresql server"
    try:
        began = time.perf_counter()
        await host.start()
        where = "the configured server" if host.server is None else f"in {host.server.folder.parent}"
        checks.append(Check(name, True, f"PostgreSQL {host.version}, {where}, ready in {_ms(began)}"))
        name, began = "scratch database", time.perf_counter()
        async with host.scratch() as scratch:
            made = _ms(began)
            session = await scratch.connect()
            try:
                await session.execute("CREATE TABLE doctor (id bigint PRIMARY KEY)")
            finally:
                await session.close()
            began = time.perf_counter()
            await host.drop(await scratch.snapshot())
            checks.append(Check(name, True, f"created in {made}, copied and dropped in {_ms(began)}"))
    except (EngineError, OSError) as error:
        checks.append(Check(name, False, str(error)))
    finally:
        await host.aclose()
    return checks


async def _sqlite() -> Check:
    async with open_scratch() as database:
        (outcome,) = await database.run_script("SELECT sqlite_version()")
    return Check("sqlite", not outcome.error, f"SQLite {sqlite3.sqlite_version}")


def _extra(package: str, extra: str, use: str, without: str) -> Check:
    try:
        return Check(package, True, f"{version(package)}: {use}", required=False)
    except PackageNotFoundError:
        advice = f"not installed; {use} {without}: pip install 'backend-architect[{extra}]'"
        return Check(package, False, advice, required=False)


def _ms(began: float) -> str:
    return f"{(time.perf_counter() - began) * 1000:.0f} ms"
