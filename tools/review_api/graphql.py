"""A GraphQL schema reviewed and compared, as a report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from knowledge.formats.graphql.read import read_sdl
from knowledge.graphql.change import Change, Level
from knowledge.graphql.diff import compare
from knowledge.graphql.review import PROFILES, SdlReview, review_document
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Outcome, Report, Severity, Table
from knowledge.rules import graphql_rules
from tools.spec import ToolError

if TYPE_CHECKING:
    from tools.review_api import ReviewApiRequest
    from tools.review_api.given import Text

TOOL = "review_api"
SEVERITY = {"breaking": Severity.HIGH, "dangerous": Severity.MEDIUM, "safe": Severity.LOW}
SHOWN = 12


def graphql_report(request: ReviewApiRequest, given: Text, older: Text | None, *, today: date) -> Report:
    """The report on a schema.

    Raises:
        SdlTooLarge: it is too long, or nested too deeply.
        ToolError: a profile or rule does not exist.
    """
    document = read_sdl(given.text, given.path)
    changes = compare(read_sdl(older.text, older.path), document) if older is not None else ()
    review = review_document(document, profile=_profile(request), only=_only(request), today=today)
    findings = [*_broken(changes, given.path), *review.findings]
    findings.sort(key=lambda finding: finding.severity.rank)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=_headline(given, review, changes, findings, compared=older is not None),
        facts=[Fact(name="places", value=f"{sum(review.counts.values()):,} by {len(review.counts)} rules")],
        findings=findings,
        tables=[*_tables(review, changes)],
        not_tested=["batching, depth limits and page laws of a server: exercise_backend calls one"],
        next_step="keep what breaks, deprecated with a reason, until nobody asks for it" if _breaks(changes) else "",
        artifacts=[_artifact(changes)] if changes else [],
    )


def _profile(request: ReviewApiRequest) -> str:
    fitting = [name for name in request.profiles if name in PROFILES]
    return fitting[-1] if fitting else "default"


def _only(request: ReviewApiRequest) -> tuple[str, ...]:
    """Every rule of the profile but those ignored; empty where none is."""
    if not request.ignore:
        return ()
    known = {rule.id for rule in graphql_rules()}
    if unknown := set(request.ignore) - known:
        raise ToolError(f"no rule is called {min(unknown)!r}; the rules are: {', '.join(sorted(known))}")
    from knowledge.graphql.review import selected

    return tuple(rule.id for rule in selected(_profile(request)) if rule.id not in request.ignore)


def _headline(
    given: Text, review: SdlReview, changes: tuple[Change, ...], findings: list[Finding], *, compared: bool
) -> str:
    parts = []
    if compared:
        counts = Counter(change.level for change in changes)
        told = ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level])
        parts.append(f"{told} changes" if told else "no change to the earlier version")
    high = sum(finding.severity is Severity.HIGH for finding in findings)
    parts.append(f"{len(findings)} findings, {high} of them severe" if findings else "no findings")
    return f"{given.path or 'the schema'}, GraphQL, {review.types} types: {'; '.join(parts)}"


def _broken(changes: tuple[Change, ...], path: str) -> Iterator[Finding]:
    for change in changes:
        if change.level is Level.SAFE:
            continue
        yield Finding(
            rule=change.kind,
            severity=SEVERITY[change.level.value],
            message=change.message,
            location=change.new.model_copy(update={"path": path}) if change.new.line else change.new,
            subject=change.path,
            evidence=[
                Evidence(
                    basis=Basis.DERIVED,
                    action=f"compared with line {change.old.line} of the earlier version",
                    result=change.level.value,
                )
            ],
        )


def _tables(review: SdlReview, changes: tuple[Change, ...]) -> Iterator[Table]:
    if review.counts:
        rows = [[rule, f"{count:,}"] for rule, count in Counter(review.counts).most_common()]
        yield Table(title="By rule", columns=["rule", "places"], rows=rows)
    safe = [change for change in changes if change.level is Level.SAFE]
    if safe:
        rows = [[change.kind, change.path] for change in safe[:SHOWN]]
        title = f"Safe changes ({len(safe)}; all are in changes.json)"
        yield Table(title=title, columns=["change", "of"], rows=rows)


def _breaks(changes: tuple[Change, ...]) -> bool:
    return any(change.level is Level.BREAKING for change in changes)


def _artifact(changes: tuple[Change, ...]) -> Artifact:
    told = [{**asdict(change), "old": str(change.old), "new": str(change.new)} for change in changes]
    text = json.dumps(told, indent=1, ensure_ascii=False)
    return Artifact(name="changes.json", media_type="application/json", text=text)
