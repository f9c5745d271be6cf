"""Findings that only a whole rehearsal can make: broken downs, losses, failures on generated rows."""

from __future__ import annotations

from backend.rehearsal.outcome import RoundTrip
from knowledge.migration import Migration
from knowledge.report import Basis, Evidence, Finding, Location, Severity

DOWN_FAILS = "down-fails"
DOWN_DIFFERS = "down-does-not-restore"
UP_DIFFERS = "second-up-differs"
IRREVERSIBLE = "irreversible-down"


def about_round_trip(migration: Migration, trip: RoundTrip) -> list[Finding]:
    """What going down and up again showed."""
    place = Location(path=migration.down_path or migration.path, line=migration.down_line)
    found = []
    if trip.error:
        found.append(_finding(DOWN_FAILS, Severity.HIGH, trip.error, place, migration.version, trip.error))
    if trip.down_differences:
        found.append(
            _finding(
                DOWN_DIFFERS,
                Severity.HIGH,
                f"the down of {migration.name} leaves a schema that differs from the one before its up",
                place,
                migration.version,
                "; ".join(trip.down_differences),
            )
        )
    if trip.up_differences and not trip.down_differences:
        found.append(
            _finding(
                UP_DIFFERS,
                Severity.MEDIUM,
                f"up after down of {migration.name} leaves another schema than the first up",
                place,
                migration.version,
                "; ".join(trip.up_differences),
            )
        )
    if trip.losses:
        names = ", ".join(loss.column for loss in trip.losses[:6])
        counts = "; ".join(f"{loss.column}: {loss.rows} of the seeded values lost" for loss in trip.losses[:6])
        found.append(
            _finding(
                IRREVERSIBLE,
                Severity.MEDIUM,
                f"irreversible: {names}: the down throws the values away and the next up cannot bring them back",
                place,
                names,
                counts,
            )
        )
    return found


def _finding(rule: str, severity: Severity, message: str, place: Location, subject: str, result: str) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        location=place,
        subject=subject,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action="ran up, down and up, and compared catalogs and column contents",
                result=result,
            )
        ],
    )


def about_data(finding: Finding) -> Finding:
    """A failure that generated rows caused: it holds for data like them, and says so."""
    failed = any(item.result.startswith("ERROR 2") for item in finding.evidence)
    if not failed:
        return finding
    assumed = Evidence(
        basis=Basis.ASSUMED,
        action="ran it on generated rows",
        result="fails with rows like these; passes on empty tables",
        flips="the table is empty, or its rows already satisfy the statement",
    )
    return finding.model_copy(update={"evidence": [*finding.evidence, assumed]})
