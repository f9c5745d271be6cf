"""Groups of hits as findings: how many places, the worst three of them, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.api.collapse import Group, Place, Pointer
from knowledge.api.document import ApiDocument
from knowledge.api.reading import DUPLICATE_KEY
from knowledge.report import Basis, Evidence, Finding, Fix, Location, Severity

PROVEN = "reviewed again with the patch: this is gone, nothing new appeared"


def findings(document: ApiDocument, groups: Sequence[Group], fixed: frozenset[tuple[str, str]]) -> list[Finding]:
    """One finding a group, the most severe first, then in the order of the document.

    Args:
        document: tells the places.
        groups: what was found.
        fixed: rules and owners of groups that the patch removes, as it was proven.
    """
    shown = [place.pointer for group in groups for place in group.worst]
    places = document.locate_all(shown)
    found = [_finding(document, group, places, _is_fixed(group, fixed)) for group in groups]
    return sorted(found, key=lambda item: (item.severity.rank, item.location.line, item.location.column, item.rule))


def problems(document: ApiDocument) -> list[Finding]:
    """What is wrong with the text before any rule looks at it."""
    pointers = [problem.pointer for problem in document.problems if problem.pointer is not None]
    places = document.locate_all(pointers)
    found = []
    for problem in document.problems:
        location = Location(path=document.path, line=problem.line, column=problem.column)
        if problem.pointer is not None and not problem.line:
            location = places[problem.pointer]
        severity = Severity.MEDIUM if problem.rule == DUPLICATE_KEY else Severity.HIGH
        evidence = Evidence(basis=Basis.DERIVED, action="read the text", result=problem.message)
        found.append(
            Finding(
                rule=problem.rule, severity=severity, message=problem.message, location=location, evidence=[evidence]
            )
        )
    return found


def _is_fixed(group: Group, fixed: frozenset[tuple[str, str]]) -> bool:
    return all((group.rule.id, owner) in fixed for owner in (group.owner, *group.folded))


def _finding(document: ApiDocument, group: Group, places: dict[Pointer, Location], fixed: bool) -> Finding:
    first = group.worst[0]
    fix = Fix(summary="patch.json of this run", proven=True, proof=PROVEN)
    return Finding(
        rule=group.rule.id,
        severity=group.rule.severity,
        message=first.hit.message + _more(group),
        location=places[first.pointer],
        subject=_subject(group),
        evidence=[_evidence(document, place, places, first) for place in group.worst],
        fixes=[fix] if fixed else [],
    )


def _more(group: Group) -> str:
    others = len(group.places) - 1
    if not others:
        return ""
    where = f"in {group.owner or 'the document'}"
    if group.folded:
        where = f"in {len(group.folded) + 1:,} paths and components, all in findings.json"
    return f" (and {others:,} more {'place' if others == 1 else 'places'} {where})"


def _subject(group: Group) -> str:
    if group.folded:
        return f"{group.owner} and {len(group.folded):,} more"
    names = {place.hit.subject for place in group.places}
    only = next(iter(names)) if len(names) == 1 else ""
    return " ".join(part for part in (group.owner, only) if part)


def _evidence(document: ApiDocument, place: Place, places: dict[Pointer, Location], first: Place) -> Evidence:
    """Where it stands; of the first place, whose message is the finding's, what stands there."""
    where = "#/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in place.pointer)
    if place is first:
        standing = document.standing(place.pointer)
        return Evidence(basis=Basis.DERIVED, action=f"read {where}", result=standing or place.hit.message)
    location = str(places[place.pointer])
    action = f"read {where} ({location})" if location else f"read {where}"
    return Evidence(basis=Basis.DERIVED, action=action, result=place.hit.message)
