"""A review as a report: the verdict, what breaks, the findings, what each rule found, the documents behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from backend.exercise.findings import finding_of
from backend.exercise.suite import Section
from knowledge.api.document import ApiDocument
from knowledge.api.examination import Examination
from knowledge.api.patch import rendered
from knowledge.api_diff.change import Change, Direction, Level
from knowledge.baseline import dump
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Outcome, Report, Severity, Table

TOOL = "review_api"
PATCHED_LENGTH = 2_000_000
"""Characters of a document that is handed over patched; of longer ones there is the patch."""
METHODS = frozenset("get put post delete options head patch trace".split())
RULES_SHOWN = 15
CHANGES_SHOWN = 12
"""Safe changes in the table; all are in changes.json."""
USES = 3
NO_CHANGE = "no change to the earlier version"
SEVERITY = {Level.BREAKING: Severity.HIGH, Level.RISKY: Severity.MEDIUM, Level.SAFE: Severity.LOW}


@dataclass
class Reviewed:
    """Everything that was done with a document."""

    document: ApiDocument
    examination: Examination
    profiles: Sequence[str]
    older: ApiDocument | None = None
    changes: tuple[Change, ...] = ()
    sections: list[Section] = field(default_factory=list)
    """What calling the application has shown."""
    untold: list[str] = field(default_factory=list)
    """What could not be done, and why."""


def report_of(reviewed: Reviewed) -> Report:
    """The report of a review."""
    examination = reviewed.examination
    failures = [failure for section in reviewed.sections for failure in section.failures]
    findings = [*_broken(reviewed), *(finding_of(failure) for failure in failures), *examination.findings]
    findings.sort(key=lambda finding: finding.severity.rank)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=_headline(reviewed, findings),
        facts=[*_facts(reviewed), *(fact for section in reviewed.sections for fact in section.facts)],
        findings=findings,
        tables=[*_tables(reviewed)],
        not_tested=[*_not_tested(reviewed)],
        next_step=_next_step(reviewed, findings),
        artifacts=_artifacts(reviewed),
    )


def _headline(reviewed: Reviewed, findings: list[Finding]) -> str:
    document = reviewed.document
    if document.unreadable:
        return f"{document.path or 'the text'} cannot be read as OpenAPI"
    what = f"{document.path or 'the document'}, OpenAPI {document.declared or document.version}"
    parts = [f"{what}, {counted(operations(document), 'operation')}"]
    if reviewed.older is not None:
        counts = Counter(change.level for change in reviewed.changes)
        told = ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level])
        parts.append(f"{told} {'change' if len(reviewed.changes) == 1 else 'changes'}" if told else NO_CHANGE)
    high = sum(finding.severity is Severity.HIGH for finding in findings)
    parts.append(f"{counted(len(findings), 'finding')}, {high or 'none'} of them severe" if findings else "no findings")
    return ": ".join([parts[0], "; ".join(parts[1:])])


def counted(number: int, what: str) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def operations(document: ApiDocument) -> int:
    """How many operations its paths have."""
    paths = document.root.get("paths")
    items = paths.values() if isinstance(paths, dict) else ()
    return sum(len(METHODS & item.keys()) for item in items if isinstance(item, dict))


def _facts(reviewed: Reviewed) -> Iterator[Fact]:
    examination, places = reviewed.examination, sum(len(group.places) for group in reviewed.examination.groups)
    yield Fact(
        name="places",
        value=f"{places:,} by {counted(len(examination.by_rule), 'rule')} ({', '.join(reviewed.profiles)})",
    )
    if examination.patch.operations:
        edits, fixed = counted(len(examination.patch.operations), "edit"), counted(examination.patch.places, "place")
        yield Fact(name="patch", value=f"{edits} for {fixed}, reviewed again with them")
    if examination.known:
        yield Fact(name="baseline", value=f"{examination.known} places are known and left out")
    if examination.allowed:
        yield Fact(name="allowed", value=f"{sum(count for _, count in examination.allowed)} places")
    if reviewed.older is not None:
        from knowledge.api_diff.summary import next_version

        yield Fact(name="next version", value=next_version(reviewed.changes))


def _broken(reviewed: Reviewed) -> Iterator[Finding]:
    """Changes that break clients or may; harmless ones are told in a table."""
    risky = [change for change in reviewed.changes if change.level is not Level.SAFE]
    new = reviewed.document.locate_all([change.new for change in risky])
    old = reviewed.older.locate_all([change.old for change in risky]) if reviewed.older is not None else {}
    for change in risky:
        used = ", ".join(change.uses[:USES]) + (
            f" and {len(change.uses) - USES} more" if len(change.uses) > USES else ""
        )
        yield Finding(
            rule=change.id,
            severity=SEVERITY[change.level],
            message=change.message,
            location=new[change.new],
            subject=" ".join(part for part in (change.subject, change.place) if part),
            evidence=[
                Evidence(
                    basis=Basis.DERIVED,
                    action=f"compared with {old[change.old]}{_direction(change)}",
                    result=f"{change.level.value}{f'; reaches {used}' if used else ''}",
                )
            ],
        )


def _direction(change: Change) -> str:
    return "" if change.direction is Direction.NONE else f", {change.direction.value}"


def _tables(reviewed: Reviewed) -> Iterator[Table]:
    by_rule = reviewed.examination.by_rule
    if by_rule:
        rows = [[each.rule.id, each.rule.severity.value, f"{each.places:,}", f"{each.owners:,}"] for each in by_rule]
        rest = f" ({len(by_rule) - RULES_SHOWN} rules more in findings.json)" if len(by_rule) > RULES_SHOWN else ""
        columns = ["rule", "severity", "places", "components and paths"]
        yield Table(title=f"By rule{rest}", columns=columns, rows=rows[:RULES_SHOWN])
    safe = [change for change in reviewed.changes if change.level is Level.SAFE]
    if safe:
        told = Counter((change.id, change.subject, change.place) for change in safe)
        rows = [
            [name, subject, f"{place} ({count} times)".strip() if count > 1 else place]
            for (name, subject, place), count in list(told.items())[:CHANGES_SHOWN]
        ]
        title = f"Safe changes ({len(safe)}; all are in changes.json)"
        yield Table(title=title, columns=["change", "of", "where"], rows=rows)


def _not_tested(reviewed: Reviewed) -> Iterator[str]:
    yield from reviewed.untold
    yield from reviewed.examination.not_tested
    for section in reviewed.sections:
        yield from section.not_tested
    if not reviewed.sections:
        yield "whether an application keeps this contract: give url or project to call it"
    for item in reviewed.examination.unused:
        where = item.suppression.location
        yield f"the exception for {', '.join(item.suppression.rules)} ({where}) allows nothing any more"


def _next_step(reviewed: Reviewed, findings: list[Finding]) -> str:
    if reviewed.document.unreadable:
        return "put the text right first, then review again"
    if reviewed.examination.patch.operations:
        taken = "".join(f", or take its {each.name}" for each in _patched(reviewed))
        return f"apply patch.json (RFC 6902) of this run{taken}; then review again"
    if reviewed.older is not None and any(change.level is Level.BREAKING for change in reviewed.changes):
        return "keep what breaks beside the new until its sunset, or publish a new major version"
    return "accept what stays with baseline.json of this run" if findings else ""


def _artifacts(reviewed: Reviewed) -> list[Artifact]:
    examination = reviewed.examination
    found = [_json("findings.json", [_group(reviewed, number) for number in range(len(examination.groups))])]
    if examination.patch.operations:
        found += [_json("patch.json", examination.patch.as_json()), *_patched(reviewed)]
    if examination.fingerprints:
        found.append(Artifact(name="baseline.json", media_type="application/json", text=dump(examination.fingerprints)))
    if reviewed.changes:
        found.append(_json("changes.json", [_change(change) for change in reviewed.changes]))
    return [*found, *(artifact for section in reviewed.sections for artifact in section.artifacts)]


def _patched(reviewed: Reviewed) -> Iterator[Artifact]:
    """The document with the patch in its own layout, where that can be kept and it is not too long to hand over."""
    document = reviewed.document
    text = rendered(document, reviewed.examination.patch) if len(document.text) <= PATCHED_LENGTH else ""
    if text:
        json_text = document.text.lstrip().startswith("{")
        name, kind = ("patched.json", "application/json") if json_text else ("patched.yaml", "application/yaml")
        yield Artifact(name=name, media_type=kind, text=text)


def _group(reviewed: Reviewed, number: int) -> dict[str, object]:
    group = reviewed.examination.groups[number]
    return {
        "rule": group.rule.id,
        "severity": group.rule.severity.value,
        "in": group.owner,
        "places": ["#/" + "/".join(map(_step, place.pointer)) for place in group.places],
        "message": group.places[0].hit.message,
    }


def _change(change: Change) -> dict[str, object]:
    return {
        **asdict(change),
        "old": "#/" + "/".join(map(_step, change.old)),
        "new": "#/" + "/".join(map(_step, change.new)),
        "fingerprint": change.fingerprint,
    }


def _step(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _json(name: str, value: object) -> Artifact:
    return Artifact(name=name, media_type="application/json", text=json.dumps(value, indent=1, ensure_ascii=False))
