"""Findings that only a whole rehearsal can make: broken downs, losses, failures on generated rows."""

from __future__ import annotations

from collections.abc import Sequence

from backend.rehearsal.outcome import Loss, RoundTrip
from knowledge.report import Basis, Evidence, Finding, Location, Severity

DOWN_FAILS = "down-fails"
DOWN_DIFFERS = "down-does-not-restore"
UP_DIFFERS = "second-up-differs"
IRREVERSIBLE = "irreversible-down"
BROKEN_DOWN = frozenset({DOWN_FAILS, DOWN_DIFFERS})
MOST_NAMED = 6


def about_round_trip(trip: RoundTrip, name: str, place: Location) -> list[Finding]:
    """What going down and up again showed.

    Args:
        trip: what was seen.
        name: the migration's name, for the sentences.
        place: where its down stands.
    """
    found = []
    if trip.failure is not None:
        what = "the down fails" if trip.failed == "down" else "after the down, the up fails"
        at = trip.failure.location if trip.failure.location.path else place
        found.append(_finding(DOWN_FAILS, Severity.HIGH, f"{name}: {what}", at, name, [f"ERROR {trip.failure}"]))
    if trip.down_differences:
        message = f"{name}: the down leaves a schema that differs from the one before the up"
        found.append(_finding(DOWN_DIFFERS, Severity.HIGH, message, place, name, trip.down_differences))
    if trip.up_differences and not trip.down_differences:
        message = f"{name}: up after down leaves another schema than the first up"
        found.append(_finding(UP_DIFFERS, Severity.MEDIUM, message, place, name, trip.up_differences))
    if trip.lost_by_up:
        names = _names(trip.lost_by_up)
        message = f"irreversible: {names}: the up destroys the values and the down does not bring them back"
        found.append(_finding(IRREVERSIBLE, Severity.MEDIUM, message, place, names, _counts(trip.lost_by_up)))
    return found


def _names(losses: Sequence[Loss]) -> str:
    shown = ", ".join(loss.column for loss in losses[:MOST_NAMED])
    return shown if len(losses) <= MOST_NAMED else f"{shown} and {len(losses) - MOST_NAMED} more"


def _counts(losses: Sequence[Loss]) -> list[str]:
    return [f"{loss.column}: {loss.rows} generated values lost" for loss in losses[:MOST_NAMED]]


def _finding(
    rule: str, severity: Severity, message: str, place: Location, subject: str, results: Sequence[str]
) -> Finding:
    how = "ran up, down and up, and compared the catalogs and what the columns hold"
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        location=place,
        subject=subject,
        evidence=[Evidence(basis=Basis.OBSERVED, action=how, result="; ".join(results))],
    )


def about_data(finding: Finding) -> Finding:
    """A failure that generated rows caused: it holds for data like them, and says so."""
    assumed = Evidence(
        basis=Basis.ASSUMED,
        action="ran it on generated rows",
        result="fails on rows like these; on empty tables it passes",
        flips="the table is empty, or its rows already satisfy the statement",
    )
    return finding.model_copy(update={"evidence": [*finding.evidence, assumed]})
