"""Comments that allow a finding: who writes one says why, and may say until when.

``-- architect: allow drop-column until 2027-01-31 because the last reader was removed in 4.2``

It stands on a line of the statement, or directly above it. Several rules are separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from knowledge.report import Basis, Evidence, Finding, Location, Severity

EXPIRED = "suppression-expired"
WITHOUT_REASON = "suppression-without-reason"
UNREADABLE = "suppression-unreadable"

_DIRECTIVES = {
    marker: re.compile(marker + r"[ \t]*architect:[ \t]*(?P<rest>.*)", re.IGNORECASE) for marker in ("--", "#")
}
_ALLOW = re.compile(
    r"allow\s+(?P<rules>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)"
    r"(?:\s+until\s+(?P<until>\S+))?"
    r"(?:\s+because\b\s*(?P<reason>.*))?\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Suppression:
    """One comment. ``problem`` is empty where it can be obeyed, else the id of what is wrong with it."""

    location: Location
    text: str
    rules: tuple[str, ...] = ()
    reason: str = ""
    until: date | None = None
    problem: str = ""
    detail: str = ""
    first_line: int = 0
    """The lines of code it speaks for: its own, or where it stands alone, the next line of code."""
    last_line: int = 0

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until

    def speaks_for(self, path: str, first_line: int, last_line: int) -> bool:
        """Whether it covers a statement that takes up these lines."""
        return path == self.location.path and first_line <= self.last_line and self.first_line <= last_line


@dataclass
class Suppressed:
    """What the suppressions of a text did."""

    findings: list[Finding] = field(default_factory=list)
    """About suppressions that are expired, unexplained or unreadable."""
    used: dict[Suppression, int] = field(default_factory=dict)
    unused: list[Suppression] = field(default_factory=list)


def suppressions(
    lines: Iterable[str], path: str = "", first: int = 1, marker: Literal["--", "#"] = "--"
) -> tuple[Suppression, ...]:
    """Every suppression in a text.

    Args:
        lines: the text, line by line.
        path: what to put into locations.
        first: the number of the first line.
        marker: what begins a comment in the language of the text.
    """
    text = list(lines)
    found = []
    for index, line in enumerate(text):
        match = _DIRECTIVES[marker].search(line) if "rchitect" in line or "RCHITECT" in line else None
        if match is None:
            continue
        location = Location(path=path, line=first + index, column=match.start() + 1)
        code = index if line[: match.start()].strip() else _next_code(text, index, marker)
        found.append(_read(match["rest"].strip(), location, first + index, first + code))
    return tuple(found)


def _next_code(lines: list[str], index: int, marker: str) -> int:
    """The line directly below that holds code; other comment lines in between are passed over."""
    following = index + 1
    while following < len(lines) and lines[following].lstrip().startswith(marker):
        following += 1
    return min(following, len(lines) - 1)


def _read(rest: str, location: Location, own: int, code: int) -> Suppression:
    first, last = min(own, code), max(own, code)
    match = _ALLOW.match(rest)
    if match is None:
        detail = "expected: allow <rule-id> [until YYYY-MM-DD] because <reason>"
        return Suppression(location, rest, problem=UNREADABLE, detail=detail, first_line=first, last_line=last)
    rules = tuple(name.strip().lower() for name in match["rules"].split(","))
    until, problem, detail = None, "", ""
    if match["until"]:
        try:
            until = date.fromisoformat(match["until"])
        except ValueError:
            problem, detail = UNREADABLE, f"{match['until']} is not a date; write it as YYYY-MM-DD"
    reason = (match["reason"] or "").strip()
    if not problem and not reason:
        problem, detail = WITHOUT_REASON, "say why: ... because <reason>"
    return Suppression(location, rest, rules, reason, until, problem, detail, first, last)


def complaint(suppression: Suppression, today: date) -> Finding | None:
    """The finding about a suppression that is not obeyed; ``None`` where it is in force."""
    rule, message = suppression.problem, suppression.detail
    if not rule and suppression.expired(today):
        rule = EXPIRED
        message = f"this exception ended on {suppression.until}; fix the statement or renew it with a reason"
    if not rule:
        return None
    return Finding(
        rule=rule,
        severity=Severity.MEDIUM,
        message=message,
        location=suppression.location,
        subject=", ".join(suppression.rules),
        evidence=[Evidence(basis=Basis.DERIVED, action=f"read the comment: {suppression.text[:160]}", result=message)],
    )


def in_force(found: Iterable[Suppression], today: date) -> list[Suppression]:
    """Those that are obeyed."""
    return [item for item in found if not item.problem and not item.expired(today)]
