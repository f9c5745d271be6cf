"""What a rehearsal saw."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Finding, Location
from knowledge.trace import SqlError, StatementTrace


@dataclass(frozen=True)
class Loss:
    """A column whose values were not brought back."""

    column: str
    """``schema.table.column``."""
    rows: int


@dataclass(frozen=True)
class Failure:
    """A statement that failed in an unobserved replay."""

    error: SqlError
    location: Location = Location()

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.error.sqlstate, self.error.message)))


@dataclass(frozen=True)
class RoundTrip:
    """Down and up again: what differs after each, and what was lost.

    ``lost_by_up`` are values of before the up that the down does not bring back: the up itself cannot be undone.
    ``lost_by_down`` are values in new columns of old tables that going down throws away, as it must; whoever goes
    down should know which. ``failed`` says which way ended it early.
    """

    down_differences: tuple[str, ...] = ()
    up_differences: tuple[str, ...] = ()
    lost_by_up: tuple[Loss, ...] = ()
    lost_by_down: tuple[Loss, ...] = ()
    failed: str = ""
    """``down`` or ``up``; empty where both ran."""
    failure: Failure | None = None
    end: dict[str, str] = field(default_factory=dict, repr=False)
    """The fingerprint after the last way, where all were gone."""

    @property
    def restores(self) -> bool:
        """Whether both ways led back to where they came from."""
        return not (self.failed or self.down_differences or self.up_differences)


@dataclass
class Rehearsed:
    """One migration, rehearsed. ``traced`` is false where it was only replayed to get to the others."""

    migration: Migration
    traced: bool
    statements: int = 0
    traces: list[StatementTrace] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    round_trip: RoundTrip | None = None
    error: SqlError | None = None
    seconds: float = 0.0
    emptied: bool = False
    """Whether it passed only after the seeded rows were taken away."""

    @property
    def failed(self) -> bool:
        """Whether the up could not be brought to its end."""
        return self.error is not None


@dataclass
class Rehearsal:
    """The whole folder, rehearsed on one engine (``PostgreSQL 18``)."""

    folder: MigrationFolder
    engine: str
    migrations: list[Rehearsed] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def statements(self) -> int:
        """Statements of all migrations that were reached, traced or not."""
        return sum(rehearsed.statements for rehearsed in self.migrations)

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
        """Whether every up ran to its end; only then may the folder be applied."""
        return len(self.migrations) == len(self.folder.migrations) and not any(one.failed for one in self.migrations)
