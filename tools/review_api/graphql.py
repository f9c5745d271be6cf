"""A GraphQL schema reviewed and compared, as a report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from backend.api_review.report import NO_CHANGE, counted
from knowledge.formats.graphql.document import SdlDocument
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
    _fit(request)
    document = read_sdl(given.text, given.path)
    before = _before(older) if older is not None else None
    changes = compare(before, document) if before is not None and document.types else ()
    review = review_document(document, profile=_profile(request), only=_only(request), today=today)
    findings = [*_broken(changes, given.path), *review.findings]
    findings.sort(key=lambda finding: finding.severity.rank)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=_headline(given, review, changes, findings, compared=before is not None and bool(document.types)),
        facts=[Fact(name="places", value=_places(review, request.profiles))],
        findings=findings,
        tables=[*_tables(review, changes)],
        not_tested=[
            *_not_compared(before, document),
            "batching, depth limits and page laws of a server: exercise_backend calls one",
        ],
        next_step="keep what breaks, deprecated with a reason, until nobody asks for it" if _breaks(changes) else "",
        artifacts=[_artifact(changes)] if changes else [],
    )


def _places(review: SdlReview, profiles: list[str]) -> str:
    return f"{sum(review.counts.values()):,} by {counted(len(review.counts), 'rule')} ({', '.join(profiles)})"


def _before(older: Text) -> SdlDocument:
    document = read_sdl(older.text, older.path)
    if document.problems and not document.types:
        first = document.problems[0]
        raise ToolError(f"`older` is no schema: {older.path or 'the text'}, line {first.line}: {first.message}")
    return document


def _not_compared(before: SdlDocument | None, document: SdlDocument) -> Iterator[str]:
    if before is None:
        return
    if not document.types:
        yield "what the new version breaks: nothing of it can be read"
    elif before.problems or document.problems:
        yield "changes of definitions that cannot be read, in either version"


def _fit(request: ReviewApiRequest) -> None:
    """Refuse what is of OpenAPI alone."""
    if strangers := set(request.profiles) - set(PROFILES):
        raise ToolError(f"GraphQL has no profile {min(strangers)!r}; there are {', '.join(PROFILES)}")
    if not request.profiles:
        raise ToolError("no rule is left: name a profile (default, or all)")
    unused = [name for name in ("policy", "baseline", "allow") if getattr(request, name)]
    if unused:
        raise ToolError(
            f"{' and '.join(unused)}: only for OpenAPI; a GraphQL schema allows a rule in a comment with its reason"
        )


def _profile(request: ReviewApiRequest) -> str:
    return max(request.profiles, key=PROFILES.index)


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
        parts.append(f"{told} {'change' if len(changes) == 1 else 'changes'}" if told else NO_CHANGE)
    high = sum(finding.severity is Severity.HIGH for finding in findings)
    parts.append(f"{counted(len(findings), 'finding')}, {high or 'none'} of them severe" if findings else "no findings")
    return f"{given.path or 'the schema'}, GraphQL, {counted(review.types, 'type')}: {'; '.join(parts)}"


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
