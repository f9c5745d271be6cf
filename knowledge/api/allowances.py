"""Findings that someone allows, with a reason and, better, an end: in the document, in its comments, or in a file.

In the document: ``x-architect-allow: [{rule: path-kebab-case, reason: old clients, until: 2027-01-31}]`` on any object,
which speaks for everything below it. In YAML: ``# architect: allow <rule> until <date> because <reason>`` on or
directly above the line of a key. In a file: a list of the same mappings, with ``at`` (a pointer like
``#/paths/~1orders``, a path or a component like ``schemas/User``) where it is not the whole document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.api.document import ApiDocument
from knowledge.api.reading import containers, read
from knowledge.api.references import split
from knowledge.api.yaml_marks import Marks
from knowledge.report import Location
from knowledge.suppression import UNREADABLE, WITHOUT_REASON, Suppression, suppressions

KEY = "x-architect-allow"
EXPECTED = "expected: {rule: <id>, reason: <why>, until: <YYYY-MM-DD, may be left out>}"
LONGEST_REASON = 500

Pointer = tuple[str | int, ...]
_RULE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Allowance:
    """One suppression and what it speaks for."""

    suppression: Suppression
    pointer: Pointer = ()
    """It covers what stands at or below."""
    owner: str = ""
    """Or what belongs to this path or component."""

    def covers(self, rule: str, pointer: Pointer, owner: str) -> bool:
        """Whether it allows what ``rule`` found there."""
        if rule not in self.suppression.rules or (self.owner and self.owner != owner):
            return False
        return pointer[: len(self.pointer)] == self.pointer


def allowances(document: ApiDocument, file: str = "", file_path: str = "") -> list[Allowance]:
    """Every allowance for a document: those in it, in its comments, and in the text of a file."""
    found = list(_from_file(file, file_path)) if file.strip() else []
    if KEY in document.text:
        found += _inline(document)
    if document.reading.marks is not None and "rchitect" in document.text:
        found += _comments(document, document.reading.marks)
    return found


def _inline(document: ApiDocument) -> Iterator[Allowance]:
    holders = [
        (pointer, item[KEY])
        for pointer, item in containers(document.raw)
        if isinstance(item, dict) and KEY in item and "properties" not in pointer[-1:]
    ]
    places = document.locate_all([(*pointer, KEY) for pointer, _ in holders])
    for pointer, written in sorted(holders, key=lambda holder: places[(*holder[0], KEY)].line):
        location = places[(*pointer, KEY)]
        for entry in written if isinstance(written, list) else [written]:
            yield Allowance(_entry(entry, location), pointer)


def _comments(document: ApiDocument, marks: Marks) -> Iterator[Allowance]:
    found = suppressions(document.text.split("\n"), document.path, marker="#")
    if not found:
        return
    lines = {item.last_line for item in found}
    first: dict[int, tuple[int, Pointer]] = {}
    for pointer, container in containers(document.raw):
        steps = list(container) if isinstance(container, dict) else range(len(container))
        for step, (line, column) in zip(steps, marks.members_of(container), strict=False):
            if line in lines and (line not in first or column < first[line][0]):
                first[line] = column, (*pointer, step)
    for item in found:
        if item.last_line in first:
            yield Allowance(item, first[item.last_line][1])
        else:
            yield Allowance(_problem(item.location, item.text, UNREADABLE, "it stands at no key of the document"))


def _from_file(text: str, path: str) -> Iterator[Allowance]:
    reading = read(text)
    entries = reading.value
    if not reading.readable or not isinstance(entries, list):
        yield Allowance(_problem(Location(path=path, line=1), "", UNREADABLE, f"the file must hold a list; {EXPECTED}"))
        return
    for index, entry in enumerate(entries):
        line, column = reading.marks.place((index,)) if reading.marks is not None else (0, 0)
        at = entry.get("at", "") if isinstance(entry, Mapping) else ""
        suppression = _entry(entry, Location(path=path, line=line, column=column))
        if not isinstance(at, str):
            yield Allowance(_problem(suppression.location, suppression.text, UNREADABLE, "at must be a text"))
        elif at.startswith("#"):
            yield Allowance(suppression, split(at)[1])
        else:
            yield Allowance(suppression, owner=at)


def _entry(entry: Any, location: Location) -> Suppression:
    """One mapping as a suppression; what is wrong with it is its problem."""
    text = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False, default=str)
    if not isinstance(entry, Mapping):
        return _problem(location, text, UNREADABLE, EXPECTED)
    rules = entry.get("rule")
    names = tuple(str(name) for name in (rules if isinstance(rules, list) else [rules]))
    if not names or not all(_RULE.match(name) for name in names):
        return _problem(location, text, UNREADABLE, EXPECTED)
    until, reason = entry.get("until"), entry.get("reason")
    last: date | None = None
    if until is not None:
        try:
            last = date.fromisoformat(str(until))
        except ValueError:
            message = f"{str(until)[:40]} is not a date; write it as YYYY-MM-DD"
            return _problem(location, text, UNREADABLE, message, names)
    if not isinstance(reason, str) or not reason.strip():
        return _problem(location, text, WITHOUT_REASON, "say why: reason: <text>", names)
    return Suppression(location, text, names, reason.strip()[:LONGEST_REASON], last)


def _problem(location: Location, text: str, problem: str, detail: str, rules: tuple[str, ...] = ()) -> Suppression:
    return Suppression(location, text, rules, problem=problem, detail=detail)


def obeyed(found: Iterable[Allowance], today: date) -> list[Allowance]:
    """Those that are in force."""
    return [item for item in found if not item.suppression.problem and not item.suppression.expired(today)]
