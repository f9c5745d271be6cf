"""What every tool is handed: the workspace, the engines, the operator's targets, a way to report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.runs import RunStore
from backend.workspace import Workspace

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

Progress = Callable[[float, float, str], Awaitable[None]]
"""``await progress(done, total, message)``; ``total`` is 0 where it is not known."""

Clock = Callable[[], datetime]


async def silent(done: float, total: float, message: str) -> None:
    """Report progress to nobody."""


def utc_now() -> datetime:
    """The time, for runs and suppressions that expire."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Targets:
    """What the operator named at start and the assistant cannot change."""

    database_url: str = field(default="", repr=False)
    redis_url: str = field(default="", repr=False)
    hosts: frozenset[str] = frozenset()
    """Hosts besides loopback that active probes may reach."""


@dataclass(frozen=True)
class Toolbox:
    """Dependencies of a tool call."""

    workspace: Workspace
    postgres: PostgresHost
    runs: RunStore
    targets: Targets = Targets()
    progress: Progress = silent
    clock: Clock = utc_now
