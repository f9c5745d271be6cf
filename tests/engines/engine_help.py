"""Watching processes, ports and statements from outside, without ever sleeping."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from backend.engines.postgres.host import PostgresHost

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


def wait_for_exit(pidfd: int, seconds: float = PATIENCE) -> bool:
    """Whether the process behind a pidfd ends within so many seconds (pidfd_open(2): readable at its end)."""
    readable, _, _ = select.select([pidfd], [], [], seconds)
    return bool(readable)


@contextmanager
def watched(pid: int) -> Iterator[int]:
    """A pidfd of a process."""
    pidfd = os.pidfd_open(pid)
    try:
        yield pidfd
    finally:
        os.close(pidfd)


def listening_ports(*pids: int) -> set[int]:
    """TCP ports these processes listen on, from the kernel's own tables."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
            except FileNotFoundError:
                continue
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:  # 0A is LISTEN (include/net/tcp_states.h)
                ports.add(int(columns[1].rpartition(":")[2], 16))
    return ports


@contextmanager
def python(code: str, *arguments: object, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A child Python that runs ``code`` with the project on its path; killed if it is left running."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **options,  # type: ignore[call-overload]
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


async def until_running(host: PostgresHost, database: str, words: str) -> int:
    """Wait until a session of ``database`` runs a statement that contains ``words``; return its pid."""
    admin = await host.connect("postgres")
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            pid = await admin.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE $2",
                database,
                f"%{words}%",
            )
            if pid is not None:
                return int(pid)
    finally:
        await admin.close()
    raise AssertionError(f"no session of {database} ever ran {words}")


async def attempt(session: asyncpg.Connection, sql: str) -> str:
    """Run a statement; return its SQLSTATE, empty where it succeeded."""
    try:
        await session.execute(sql)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    return ""
