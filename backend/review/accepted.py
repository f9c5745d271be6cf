"""Taking out of a review what the author allowed, what is known already, and what is outside the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from backend.review.changed import ChangedLines
from backend.review.found import Found, Source
from knowledge.baseline import fingerprint, is_new
from knowledge.suppression import Suppression, complaint, in_force, suppressions


@dataclass
class Sifted:
    """What is left, and how much was taken out for which reason."""

    found: list[Found] = field(default_factory=list)
    suppressed: int = 0
    in_baseline: int = 0
    outside_change: int = 0
    unused: list[Suppression] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    """Of everything that is neither suppressed nor outside the change: the content of a new baseline."""


def sift(
    found: Sequence[Found],
    sources: Sequence[Source],
    *,
    today: date,
    baseline: Counter[str],
    changed: ChangedLines | None = None,
) -> Sifted:
    """Apply suppressions, then the change filter, then the baseline."""
    written = [item for source in sources for item in _written(source)]
    valid = in_force(written, today)
    complaints = [Found(finding) for item in written if (finding := complaint(item, today))]
    result = Sifted()
    used: set[int] = set()
    kept: list[Found] = []
    for item in found:
        number = next((index for index, rule in enumerate(valid) if _covers(rule, item)), None)
        if number is None:
            kept.append(item)
        else:
            used.add(number)
            result.suppressed += 1
    kept += complaints
    if changed is not None:
        inside = [item for item in kept if changed.touches(*_extent(item))]
        result.outside_change = len(kept) - len(inside)
        kept = inside
    result.fingerprints = [fingerprint(item.finding, item.statement) for item in kept]
    fresh = is_new(result.fingerprints, baseline)
    result.found = [item for item, new in zip(kept, fresh, strict=True) if new]
    result.in_baseline = len(kept) - len(result.found)
    result.unused = [item for index, item in enumerate(valid) if index not in used]
    return result


def _written(source: Source) -> tuple[Suppression, ...]:
    if "architect" not in source.script.text.lower():
        return ()
    first = source.first_line
    return suppressions(source.script.lines, source.script.path, first)


def _covers(suppression: Suppression, found: Found) -> bool:
    return found.finding.rule in suppression.rules and suppression.speaks_for(*_extent(found))


def _extent(found: Found) -> tuple[str, int, int]:
    """Path, first and last line of what a finding is about: its statement, else its line."""
    place = found.finding.location
    if found.statement is None:
        return place.path, place.line, place.line
    start = found.statement.location.line
    return found.statement.location.path, start, start + found.statement.sql.count("\n")
