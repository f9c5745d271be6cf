"""Which cores of the machine do what, and what a process has used of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """The server under test has a core of its own; the load and PostgreSQL share the others. Empty: not to be had."""

    server: frozenset[int]
    others: frozenset[int]


def divided() -> Cores:
    """The cores that this process may use, divided; none where there is but one or the system cannot (macOS)."""
    if not hasattr(os, "sched_setaffinity") or len(usable := sorted(os.sched_getaffinity(0))) < 2:
        return Cores(frozenset(), frozenset())
    return Cores(frozenset(usable[:1]), frozenset(usable[1:]))


def pin(pid: int, cores: frozenset[int]) -> None:
    """Keep a process (0: this one) and what it starts from now on to ``cores``; nothing where there are none."""
    if cores:
        os.sched_setaffinity(pid, cores)


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Keep this process to ``cores`` for the length of the block."""
    before = frozenset(os.sched_getaffinity(0)) if cores else cores
    pin(0, cores)
    try:
        yield
    finally:
        pin(0, before)


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used (proc(5)); 0 where there is no ``/proc``."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
