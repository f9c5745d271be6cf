"""The report model: what every tool answers, and how each statement in it is known.

The JSON Schema of these models is part of the protocol surface. Strict hosts reject unions, so no
field is optional in the ``X | None`` sense: an absent text is ``""``, an absent list is ``[]``, an
absent line is ``0``.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Severity(StrEnum):
    """How much a finding matters; the order of definition is the order of importance."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most severe, growing from there: a sort key."""
        return list(type(self)).index(self)


class Basis(StrEnum):
    """How a statement is known."""

    OBSERVED = "observed"
    """It was executed; what was run and what came back is attached."""
    DERIVED = "derived"
    """It was computed from the parsed input."""
    ASSUMED = "assumed"
    """It depends on something that was not given."""


class Outcome(StrEnum):
    """The verdict of a whole run."""

    PASS = "pass"
    FINDINGS = "findings"
    NOT_TESTED = "not_tested"


class Model(BaseModel):
    """Base of all report parts: immutable, unknown fields rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Location(Model):
    """A place in the user's text. Lines and columns count from 1; 0 means unknown."""

    path: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.path, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(part for part in parts if part)


class Evidence(Model):
    """One piece of proof.

    ``action`` is what was run or read, ``result`` what came back. For an assumption, ``flips`` names
    the value that would turn the verdict round.
    """

    basis: Basis
    action: str
    result: str
    flips: str = ""


class Step(Model):
    """One statement of a fix. ``alone`` marks a statement that must run outside a transaction."""

    sql: str
    alone: bool = False
    note: str = ""


class Fix(Model):
    """A remedy. ``proven`` is true only if the steps were run and the finding vanished."""

    summary: str
    steps: list[Step] = Field(default_factory=list)
    proven: bool = False
    proof: str = ""


class Finding(Model):
    """One thing that is wrong, where, how it is known and what to do about it."""

    rule: str
    severity: Severity
    message: str
    location: Location = Location()
    subject: str = ""
    """The object concerned, as in ``public.users.email``."""
    evidence: list[Evidence] = Field(default_factory=list)
    fixes: list[Fix] = Field(default_factory=list)
    """The fix to use first; empty where none is offered."""

    @property
    def basis(self) -> Basis:
        """The strongest way in which this finding is known."""
        found = {item.basis for item in self.evidence}
        return next((basis for basis in Basis if basis in found), Basis.ASSUMED)


class Artifact(Model):
    """A document made by a run: readable behind a resource link, never inlined in a result."""

    name: str
    media_type: str = "text/plain"
    text: str = ""


class Fact(Model):
    """A decisive figure, such as ``statements = 214``."""

    name: str
    value: str


class Table(Model):
    """Rows that people would rather look at than read."""

    title: str
    columns: list[str]
    rows: list[list[str]]


class Report(Model):
    """The answer of one tool call.

    The order of the fields is the order in which a reader should meet them: verdict, headline,
    figures, findings, and last what to do next.
    """

    tool: str
    outcome: Outcome
    headline: str
    facts: list[Fact] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    tables: list[Table] = Field(default_factory=list)
    not_tested: list[str] = Field(default_factory=list)
    """What could not be checked, and why. Never silently a pass."""
    assumptions: list[str] = Field(default_factory=list)
    next_step: str = ""
    run: str = ""
    """Identifier of the stored run; its parts are ``architect://runs/{run}/...``."""
    artifacts: list[Artifact] = Field(default_factory=list)

    def fact(self, name: str) -> str:
        """The value of the figure called ``name``, or ``""``."""
        return next((fact.value for fact in self.facts if fact.name == name), "")
