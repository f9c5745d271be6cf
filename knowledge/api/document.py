"""An OpenAPI document as it was given: read from JSON or YAML, with the places of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.reading import Problem, read
from knowledge.api.swagger import upgrade
from knowledge.report import Location

Load = Callable[[str], str | None]
"""The text of another file by its path relative to the document's folder; ``None`` where it may not be read."""

Pointer = tuple[str | int, ...]


@dataclass
class ApiDocument:
    """One document.

    ``root`` has the shape of OpenAPI 3.1 also where a 2.0 document was given (see :mod:`knowledge.api.swagger`);
    ``raw`` is what stands in the text, ``version`` is ``2.0``, ``3.0`` or ``3.1`` (3.2 counts as 3.1).
    """

    text: str
    path: str
    raw: Mapping[str, Any]
    root: Mapping[str, Any]
    version: str
    declared: str
    """The version as the document states it; empty where it does not."""
    problems: list[Problem] = field(default_factory=list)
    external: dict[str, Any] = field(default_factory=dict)
    """What other files hold, by the reference's text before ``#``."""
    is_json: bool = False

    def locate(self, pointer: Pointer) -> Location:
        """Line and column of what stands at ``pointer``, or of the nearest thing above that exists."""
        return self.locate_all([pointer])[pointer]

    def locate_all(self, pointers: list[Pointer]) -> dict[Pointer, Location]:
        """Like :meth:`locate`, for many in one scan of the text."""
        from knowledge.api.positions import positions

        found = positions(self.text, pointers, is_json=self.is_json)
        return {
            pointer: Location(path=self.path, line=line, column=column) for pointer, (line, column) in found.items()
        }


def read_document(text: str, path: str = "", load: Load | None = None) -> ApiDocument:
    """Read ``text``, JSON or YAML by its content. What is wrong with it is in ``problems``; nothing is raised.

    Args:
        text: the document.
        path: what locations are called.
        load: reads sibling files that references lead to; without it they are reported as not read.
    """
    reading = read(text)
    raw = reading.value if isinstance(reading.value, Mapping) else {}
    problems = list(reading.problems)
    if reading.readable and not isinstance(reading.value, Mapping):
        problems.append(
            Problem("document-unreadable", "the document is not a mapping of openapi, info and paths", 1, 1)
        )
    version, declared = _version(raw)
    if reading.readable and raw and not version:
        problems.append(Problem("document-version", _version_text(declared), 1, 1))
    root = upgrade(raw) if version == "2.0" else raw
    return ApiDocument(text, path, raw, root, version or "3.1", declared, problems, is_json=reading.is_json)


def _version(raw: Mapping[str, Any]) -> tuple[str, str]:
    """The version that rules go by (empty where none is known), and the declared one."""
    declared = str(raw.get("openapi") or raw.get("swagger") or "")
    for known, first in (("2.0", "swagger"), ("3.0", "openapi"), ("3.1", "openapi"), ("3.2", "openapi")):
        if first in raw and (declared == known or declared.startswith(f"{known}.")):
            return ("3.1" if known == "3.2" else known), declared
    return ("2.0" if declared == "2" and "swagger" in raw else ""), declared


def _version_text(declared: str) -> str:
    known = "2.0, 3.0, 3.1 and 3.2 are known"
    if not declared:
        return f"the document says neither openapi nor swagger: {known}; read as 3.1"
    return f"version {declared[:40]} of OpenAPI is not known: {known}; read as 3.1"
