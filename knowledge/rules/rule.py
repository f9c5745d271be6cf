"""A rule is one record: what it claims, why, where it does not apply, and examples that are run.

The finding, the documentation page and the knowledge entry all come from this record. Two kinds of
subject exist. A *statement* rule looks at one statement of a migration, together with what the
engine was seen doing while it ran it; a *schema* rule looks at the finished catalog.

A statement rule answers twice. ``suspect`` reads the syntax tree alone and says whether the statement
is worth running (that is the static review). ``confirm`` reads the trace and says whether the suspicion
was borne out: what it does not confirm is not reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge.report import Fix, Severity
from knowledge.schema import Relation, Schema
from knowledge.statement import Script, Statement
from knowledge.trace import StatementTrace


@dataclass(frozen=True)
class Versions:
    """An engine and the major versions a rule holds for; 0 leaves that end open."""

    engine: str = "postgresql"
    first: int = 0
    last: int = 0

    def __contains__(self, version: int) -> bool:
        return self.first <= version and (not self.last or version <= self.last)


@dataclass(frozen=True)
class Hit:
    """A place where a rule applies.

    ``subject`` names the object (``public.users.email``); ``statement`` is the statement at fault
    (schema rules leave it out and the location is looked up from the subject).
    """

    subject: str
    message: str
    statement: Statement | None = None
    detail: tuple[str, ...] = ()
    """Names the fix needs: constraint, column, index..., in an order of the rule's own."""
    flips: str = ""
    """Where the text alone cannot tell: the fact not given that would turn the verdict round."""


def _nothing_known(_table: str) -> Relation | None:
    return None


@dataclass(frozen=True)
class StatementContext:
    """What a statement rule may look at.

    ``before`` and ``after`` are the catalogs around the statement; both are empty in a static review,
    and ``trace`` is then ``None``. ``created`` holds the tables that the same script created earlier:
    nobody waits for a table that nobody else can see, so most lock rules leave those alone.
    ``earlier`` are the statements of the same transaction that ran before this one.
    """

    statement: Statement
    trace: StatementTrace | None = None
    before: Schema = Schema()
    after: Schema = Schema()
    created: frozenset[str] = frozenset()
    earlier: tuple[Statement, ...] = ()
    in_transaction: bool = True
    script: Script | None = None
    version: int = 18
    """Major version of the engine that runs the statement, or that a fix is written for."""
    derived: Callable[[str], Relation | None] = _nothing_known
    """Of a static review: a table (``schema.table``) as the text made it so far."""

    def table(self, name: str) -> Relation | None:
        """The table as it stood before the statement: from the catalog, or as far as the text tells."""
        return self.before.by_name.get(name) or self.derived(name)


@dataclass(frozen=True)
class Confirmation:
    """Proof that a suspicion is true, in the words of the observation."""

    action: str
    result: str


Suspect = Callable[[StatementContext], Iterable[Hit]]
Confirm = Callable[[Hit, StatementContext], Confirmation | None]
Inspect = Callable[[Schema], Iterable[Hit]]
Remedy = Callable[[Hit, StatementContext], Fix | None]
SchemaRemedy = Callable[[Hit, Schema], Fix | None]


@dataclass(frozen=True)
class Rule:
    """What all rules share; use :class:`StatementRule` or :class:`SchemaRule`.

    ``failing`` and ``passing`` are complete SQL scripts run by the test suite on every engine in
    ``versions``; a line ``-- setup ends`` in them separates what existed before (run first, rows included)
    from what is judged. ``fix_safety`` is ``safe`` (may be applied as it stands), ``review``
    (changes meaning or needs a decision) or ``none``.
    """

    id: str
    claim: str
    family: str
    """``locks``, ``failures``, ``breaking`` or ``schema``."""
    severity: Severity
    why: str
    unless: str
    failing: str
    passing: str
    sources: tuple[str, ...]
    versions: tuple[Versions, ...] = (Versions(),)
    fix_safety: str = "none"


@dataclass(frozen=True, kw_only=True)
class StatementRule(Rule):
    """A rule about one statement of a migration."""

    kinds: frozenset[str]
    """Grammar nodes that can be at fault: the engine asks no other statement."""
    parts: frozenset[str] = frozenset()
    """Of ALTER TABLE: the sub-commands that can be at fault (``AT_SetNotNull``); empty for any."""
    suspect: Suspect
    confirm: Confirm
    observed_only: bool = False
    """Says nothing from the text alone: its suspicion only asks for the statement to be watched."""
    remedy: Remedy | None = None


@dataclass(frozen=True, kw_only=True)
class SchemaRule(Rule):
    """A rule about the finished schema."""

    inspect: Inspect
    remedy: SchemaRemedy | None = None
