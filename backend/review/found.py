"""What a review found, before it is turned into a report."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.judge import Judgement
from knowledge.report import Basis, Evidence, Finding, Severity
from knowledge.rules.rule import Hit, SchemaRule, StatementContext
from knowledge.statement import Problem, Script, Statement

UNREADABLE = "sql-not-readable"


@dataclass(frozen=True)
class Found:
    """A finding with what a proof of its fix, a suppression or a baseline needs to know about it."""

    finding: Finding
    statement: Statement | None = None
    judgement: Judgement | None = None
    context: StatementContext | None = None
    schema_rule: SchemaRule | None = None
    hit: Hit | None = None

    def with_finding(self, finding: Finding) -> Found:
        """The same place with another finding text."""
        return Found(finding, self.statement, self.judgement, self.context, self.schema_rule, self.hit)


@dataclass(frozen=True)
class Source:
    """A script and how it is run: ``transactional`` where its tool wraps it in a transaction."""

    script: Script
    transactional: bool = False
    first_line: int = 1
    """The line of the file at which the script's text begins."""


@dataclass
class Review:
    """The outcome of reading or running all sources."""

    found: list[Found] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    statements: int = 0
    observed: int = 0
    not_run: int = 0
    """Statements that could not run for want of something that is not in the input."""
    engine: str = ""
    load_seconds: float = 0.0


def order(found: Found) -> tuple[int, str, int, int, str]:
    """Sort key: severity, then place."""
    place = found.finding.location
    return (found.finding.severity.rank, place.path, place.line, place.column, found.finding.rule)


def unreadable(problem: Problem) -> Found:
    """Text PostgreSQL's grammar refuses."""
    return Found(
        Finding(
            rule=UNREADABLE,
            severity=Severity.HIGH,
            message=f"PostgreSQL cannot read this statement: {problem.message}",
            location=problem.location,
            evidence=[
                Evidence(
                    basis=Basis.DERIVED,
                    action="parsed it with PostgreSQL's own grammar",
                    result=problem.message,
                )
            ],
        )
    )
