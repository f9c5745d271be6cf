"""What a rehearsal saw."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Finding
from knowledge.trace import StatementTrace


@dataclass(frozen=True)
class Loss:
    """A column whose values a down and the next up did not bring back."""

    column: str
    """``schema.table.column``."""
    rows: int


@dataclass(frozen=True)
class RoundTrip:
    """Down and up again: what differs after each, and what was lost. ``error`` ended it early."""

    down_differences: tuple[str, ...] = ()
    up_differences: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    error: str = ""

    @property
    def restores(self) -> bool:
        """Whether both ways led back to where they came from."""
        return not (self.error or self.down_differences or self.up_differences)


@dataclass
class Rehearsed:
    """One migration, rehearsed. ``traced`` is false where it was only replayed to get to the others."""

    migration: Migration
    traced: bool
    traces: list[StatementTrace] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    round_trip: RoundTrip | None = None
    failed: bool = False
    seconds: float = 0.0
    emptied: bool = False
    """Whether it passed only after the seeded rows were taken away."""


@dataclass
class Rehearsal:
    """The whole folder, rehearsed on one engine."""

    folder: MigrationFolder
    engine: str
    migrations: list[Rehearsed] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def traces(self) -> list[StatementTrace]:
        """The traces of all traced migrations, in order."""
        return [trace for rehearsed in self.migrations if rehearsed.traced for trace in rehearsed.traces]

    @property
    def findings(self) -> list[Finding]:
        """All findings, the most severe first, then by place."""
        found = [finding for rehearsed in self.migrations for finding in rehearsed.findings]
        return sorted(found, key=lambda item: (item.severity.rank, item.location.path, item.location.line))

    @property
    def passed(self) -> bool:
        """Whether every migration ran to its end, in every direction that was tried."""
        return not any(
            rehearsed.failed or (rehearsed.round_trip and rehearsed.round_trip.error) for rehearsed in self.migrations
        )
