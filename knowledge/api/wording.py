"""Groups of hits as findings: how many places, the worst three of them, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.api.collapse import SHOWN, Group, Place, Pointer
from knowledge.api.document import ApiDocument
from knowledge.report import Basis, Evidence, Finding, Location


def findings(document: ApiDocument, groups: Sequence[Group]) -> list[Finding]:
    """One finding a group, the most severe first, then in the order of the document."""
    pointers = [place.pointer for group in groups for place in group.places[:SHOWN]]
    places = document.locate_all(pointers)
    ordered = sorted(groups, key=lambda group: group.rule.severity.rank)
    return [_finding(group, places) for group in ordered]


def _finding(group: Group, places: dict[Pointer, Location]) -> Finding:
    first, count = group.places[0], len(group.places)
    more = f" (and {count - 1} more {'place' if count == 2 else 'places'} in {group.owner or 'the document'})"
    return Finding(
        rule=group.rule.id,
        severity=group.rule.severity,
        message=first.hit.message + (more if count > 1 else ""),
        location=places[first.pointer],
        subject=_subject(group),
        evidence=[_evidence(place, places) for place in group.places[:SHOWN]],
    )


def _subject(group: Group) -> str:
    names = {place.hit.subject for place in group.places}
    only = next(iter(names)) if len(names) == 1 else ""
    return " ".join(part for part in (group.owner, only) if part)


def _evidence(place: Place, places: dict[Pointer, Location]) -> Evidence:
    where = "#/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in place.pointer)
    location = places[place.pointer]
    return Evidence(
        basis=Basis.DERIVED,
        action=f"read {where} ({location})" if str(location) else f"read {where}",
        result=place.hit.message,
    )
