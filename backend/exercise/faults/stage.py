"""What a fault scenario needs, and what it tells."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from backend.exercise.exchange import Failure
from backend.exercise.faults.asking import Clock, Seen
from backend.exercise.faults.gate import Gate
from backend.exercise.faults.traffic import Sender, Traffic
from backend.exercise.load.address import address
from backend.exercise.served import App, Served


@dataclass(frozen=True)
class Limits:
    """How long each phase lasts and what a client may be asked to bear, in seconds."""

    longest: float = 5.0
    """The longest that an answer may take while something is gone."""
    recovery: float = 5.0
    """How soon after the return everything must be served again."""
    before: float = 0.6
    outage: float = 1.5
    calm: float = 0.6
    """How long all must have been well for the run to be over."""
    delay: float = 0.3
    """By how much a slow query is slower, for each message to the database."""
    shutdown: float = 10.0
    """How soon after SIGTERM the process must have ended."""

    @property
    def patience(self) -> float:
        """After how long a client gives up: a little more than it may be asked to bear, so that the two differ."""
        return self.longest + 0.5


@dataclass(frozen=True)
class Stage:
    """A backend whose database and Redis are reached through gates, and traffic for it."""

    app: App
    """Its environment has the gates' ports in place of the real ones."""
    traffic: Traffic
    database: Gate | None = None
    """``None`` where there is none to put a gate before, as with SQLite."""
    redis: Gate | None = None
    pool_size: int = 10
    """Connections to the database that the backend opens at most."""
    limits: Limits = Limits()
    clock: Clock = time.perf_counter
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    marker: Callable[[], str] = lambda: uuid.uuid4().hex

    def sender(self, served: Served) -> Sender:
        """The traffic, directed at the served backend."""
        return Sender(
            address(served.host, served.port), self.traffic, self.limits.patience, self.marker, clock=self.clock
        )


class NotTested(Exception):
    """A scenario does not apply or could not begin; the text is the reason."""


@dataclass
class Observation:
    """What the clients of one scenario saw."""

    scenario: str
    seen: list[Seen] = field(default_factory=list, repr=False)
    fault_from: float = 0.0
    fault_to: float = 0.0
    recovery: float = 0.0
    """Seconds from the return to the last bad answer after it."""
    stored: Counter[str] | None = field(default=None, repr=False)
    """How often each marker is stored; ``None`` where the rows could not be counted."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def affected(self) -> list[Seen]:
        """Reads and writes that ended after the fault began."""
        return [each for each in self.seen if each.role in ("read", "write") and each.ended > self.fault_from]

    @property
    def longest(self) -> float:
        """The longest wait of those, in seconds."""
        return max((each.seconds for each in self.affected), default=0.0)

    def outcomes(self, role: str) -> Counter[str]:
        """How often each status or kind of error was seen after the fault began."""
        return Counter(each.outcome for each in self.seen if each.role == role and each.ended > self.fault_from)


@dataclass(frozen=True)
class FaultReport:
    """All scenarios of a run."""

    observations: tuple[Observation, ...]
    not_tested: dict[str, str]
    """Reasons by scenario."""

    @property
    def failures(self) -> list[Failure]:
        """What was wrong, in the order of the scenarios."""
        return [failure for observation in self.observations for failure in observation.failures]
