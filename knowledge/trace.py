"""What PostgreSQL was seen doing while it executed one statement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.statement import Statement


class LockMode(StrEnum):
    """Table lock modes, weakest first (PostgreSQL manual, 13.3.1)."""

    ACCESS_SHARE = "AccessShareLock"
    ROW_SHARE = "RowShareLock"
    ROW_EXCLUSIVE = "RowExclusiveLock"
    SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock"
    SHARE = "ShareLock"
    SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
    EXCLUSIVE = "ExclusiveLock"
    ACCESS_EXCLUSIVE = "AccessExclusiveLock"

    @property
    def strength(self) -> int:
        """0 for the weakest mode, growing with what it excludes."""
        return list(type(self)).index(self)

    @property
    def blocks_writes(self) -> bool:
        """Whether INSERT, UPDATE and DELETE wait for a holder of this mode."""
        return self.strength >= LockMode.SHARE.strength

    @property
    def blocks_reads(self) -> bool:
        """Whether SELECT waits for a holder of this mode."""
        return self is LockMode.ACCESS_EXCLUSIVE


@dataclass(frozen=True)
class Lock:
    """A lock held on a relation that existed before the statement began."""

    relation: str
    """Schema-qualified name, quoted where SQL would need quotes."""
    mode: LockMode
    is_index: bool = False


@dataclass(frozen=True)
class Probe:
    """What a second session met: ``True`` where it had to wait."""

    relation: str
    read_blocked: bool
    write_blocked: bool


@dataclass(frozen=True)
class SqlError:
    """An error PostgreSQL raised."""

    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True)
class StatementTrace:
    """One executed statement and everything observed about it.

    ``transaction`` is ``"open"`` (inside a transaction; locks were read before its end), ``"alone"``
    (outside one, as CONCURRENTLY demands; locks were sampled by a third session) or ``"skipped"``
    (not executed; ``note`` says why). ``seconds`` is execution alone, without observing.
    """

    statement: Statement
    transaction: str
    locks: tuple[Lock, ...] = ()
    held: tuple[Lock, ...] = ()
    """Locks that earlier statements of the same transaction still hold, on relations this one left alone."""
    rewrites: tuple[str, ...] = ()
    """Relations of before whose file was replaced."""
    scans: tuple[str, ...] = ()
    """Relations of before that were read from end to end."""
    probes: tuple[Probe, ...] = ()
    messages: tuple[str, ...] = ()
    """PostgreSQL's own DEBUG1 words."""
    notices: tuple[str, ...] = ()
    """Notices and warnings every client would see, as ``LEVEL: text``."""
    error: SqlError | None = None
    rows: int = 0
    """Rows an INSERT, UPDATE or DELETE touched."""
    wal_bytes: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def strongest(self) -> Lock | None:
        """The strongest lock on a table of before, or ``None``."""
        tables = [lock for lock in self.locks if not lock.is_index]
        return max(tables, key=lambda lock: lock.mode.strength, default=None)
