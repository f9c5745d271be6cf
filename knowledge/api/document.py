"""An OpenAPI document as it was given: read from JSON or YAML, with the places of everything in it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.collection import no_collection
from knowledge.api.positions import json_positions
from knowledge.api.reading import UNREADABLE, Problem, Reading, read
from knowledge.api.references import Files, FileStep, Load, gather
from knowledge.api.swagger import upgrade
from knowledge.report import Location

VERSION = "document-version"
KEYS_SHOWN = 6
VALUE_SHOWN = 80
"""Of what stands at a place: keys of an object, characters of a value."""
KNOWN = "2.0, 3.0, 3.1 and 3.2 are known"

Pointer = tuple[str | int, ...]


@dataclass
class ApiDocument:
    """One document.

    ``root`` has the shape of OpenAPI 3.1 also where a 2.0 document was given (see :mod:`knowledge.api.swagger`);
    ``raw`` is what stands in the text, ``version`` is ``2.0``, ``3.0`` or ``3.1`` (3.2 counts as 3.1).
    """

    text: str
    path: str
    reading: Reading
    raw: Mapping[str, Any]
    root: Mapping[str, Any]
    version: str
    declared: str
    """The version as the document states it; empty where it does not."""
    problems: list[Problem] = field(default_factory=list)
    files: Files = field(default_factory=Files)

    @property
    def unreadable(self) -> bool:
        """Whether nothing of it is known: no text of JSON or YAML, or no OpenAPI at all."""
        return not self.raw or not self.declared

    @property
    def external(self) -> Mapping[str, Any]:
        """What other files hold, by the reference's text before ``#``."""
        return self.files.values

    def standing(self, pointer: Pointer) -> str:
        """What stands at ``pointer``, short: a value, or the keys of an object; empty where that is nothing."""
        value: Any = self.raw
        if pointer and type(pointer[0]) is FileStep:
            value, pointer = self.external.get(pointer[0]), pointer[1:]
        for step in pointer:
            try:
                value = value[step]
            except (LookupError, TypeError):
                return ""
        return _short(value)

    def locate(self, pointer: Pointer) -> Location:
        """Line and column of what stands at ``pointer``, or of the nearest thing above that exists."""
        return self.locate_all([pointer])[pointer]

    def locate_all(self, pointers: Iterable[Pointer]) -> dict[Pointer, Location]:
        """Like :meth:`locate`, for many in one scan of each text."""
        by_file: dict[str, list[Pointer]] = {}
        for pointer in pointers:
            by_file.setdefault(pointer[0] if pointer and type(pointer[0]) is FileStep else "", []).append(pointer)
        found: dict[Pointer, Location] = {}
        for file, asked in by_file.items():
            text = self.files.texts.get(file, "") if file else self.text
            reading = self.files.readings[file] if file else self.reading
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), file)) if file else self.path
            places = _places(text, reading, [pointer[1:] if file else pointer for pointer in asked])
            for pointer in asked:
                line, column = places[pointer[1:] if file else pointer]
                found[pointer] = Location(path=path, line=line, column=column)
        return found


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        more = ", ..." if len(value) > KEYS_SHOWN else ""
        return f"an object of {', '.join(str(key)[:40] for key in list(value)[:KEYS_SHOWN])}{more}" if value else "{}"
    if isinstance(value, list):
        return "a list of 1" if len(value) == 1 else f"a list of {len(value):,}"
    text = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[:VALUE_SHOWN]}..."


def _places(text: str, reading: Reading, pointers: list[Pointer]) -> Mapping[Pointer, tuple[int, int]]:
    if not reading.readable:
        return dict.fromkeys(pointers, (1, 1))
    if reading.marks is not None:
        return {pointer: reading.marks.place(pointer) for pointer in pointers}
    return json_positions(text, pointers)


@no_collection()
def read_document(text: str, path: str = "", load: Load | None = None) -> ApiDocument:
    """Read ``text``, JSON or YAML by its content. What is wrong with it is in ``problems``; nothing is raised.

    Args:
        text: the document.
        path: what locations are called.
        load: reads the files that references lead to; without it they are listed in ``files.unread``.
    """
    reading = read(text)
    raw = reading.value if isinstance(reading.value, Mapping) else {}
    problems = list(reading.problems)
    if reading.readable and not isinstance(reading.value, Mapping):
        problems.append(Problem(UNREADABLE, "the document is not a mapping of openapi, info and paths", 1, 1))
    version, declared = _version(raw)
    if reading.readable and raw and not version:
        problems.append(Problem(VERSION, _version_text(declared), 1, 1))
    files = gather(text, raw, posixpath.basename(path), load)
    problems += files.problems
    root = upgrade(raw) if version == "2.0" else raw
    return ApiDocument(text, path, reading, raw, root, version or "3.1", declared, problems, files)


def _version(raw: Mapping[str, Any]) -> tuple[str, str]:
    """The version that rules go by (empty where none is known), and the declared one."""
    declared = str(raw.get("openapi") or raw.get("swagger") or "")
    for known, key in (("2.0", "swagger"), ("3.0", "openapi"), ("3.1", "openapi"), ("3.2", "openapi")):
        if key in raw and (declared == known or declared.startswith(f"{known}.")):
            return ("3.1" if known == "3.2" else known), declared
    return ("2.0" if declared == "2" and "swagger" in raw else ""), declared


def _version_text(declared: str) -> str:
    if not declared:
        return f"the document says neither openapi nor swagger: {KNOWN}; read as 3.1"
    return f"version {declared[:40]} of OpenAPI is not known: {KNOWN}; read as 3.1"
