"""YAML in the form OpenAPI asks for (1.2, JSON's types), built from the C parser's events: no recursion, no bombs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.reading import Problem, Reading

MOST_DEPTH = 500
MOST_EXPANDED = 5_000_000
"""Values that a document may hold once every alias is written out."""

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_OTHER = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".inf": float("inf"),
    "-.inf": float("-inf"),
    ".nan": float("nan"),
}
MERGE = "<<"


class TooMuch(Exception):
    """A bound was reached; the text says which."""


@dataclass(slots=True)
class _Open:
    """A container whose end has not been read."""

    value: Any
    anchor: str | None
    line: int
    column: int
    key: Any = None
    has_key: bool = False
    size: int = 1
    merged: list[Any] = field(default_factory=list)


def scalar(text: str, plain: bool) -> Any:
    """The value of a scalar by the core schema of YAML 1.2: ``yes`` and dates are texts (RFC 8259's types only)."""
    if not plain:
        return text
    if text in _OTHER:
        return _OTHER[text]
    first = text[0]
    if first.isdigit() or first in "+-.":
        if _INTEGER.match(text):
            return int(text) if len(text) < 300 else text
        if _FLOAT.match(text):
            return float(text)
        if text.startswith("0x") and re.fullmatch(r"0x[0-9a-fA-F]+", text):
            return int(text, 16) if len(text) < 300 else text
    return text


def key_text(value: Any) -> str:
    """A key as JSON has it: ``200`` and ``true`` are texts as well."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read_yaml(text: str) -> Reading:
    """The first document of a YAML text. Nothing is raised."""
    import yaml

    builder = _Builder()
    try:
        parser = yaml.CSafeLoader(text)
        try:
            builder.feed(parser, yaml)
        finally:
            parser.dispose()
    except TooMuch as error:
        return _unreadable(str(error))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        return _unreadable(f"neither JSON nor YAML: {error.problem or error.context}", line, column)
    except yaml.YAMLError as error:
        return _unreadable(f"neither JSON nor YAML: {str(error).splitlines()[0]}")
    except UnicodeError:
        return _unreadable("the text holds half a character (a lone surrogate)")
    return Reading(builder.result, is_json=False, problems=builder.problems)


def _unreadable(message: str, line: int = 1, column: int = 1) -> Reading:
    return Reading({}, is_json=False, readable=False, problems=[Problem("document-unreadable", message, line, column)])


class _Builder:
    """Builds the value of an event stream."""

    def __init__(self) -> None:
        self.result: Any = None
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._expanded = 0

    def feed(self, parser: Any, yaml: Any) -> None:
        """Read every event of the first document."""
        scalar_event, alias_event = yaml.ScalarEvent, yaml.AliasEvent
        starts, ends = (yaml.MappingStartEvent, yaml.SequenceStartEvent), (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        documents = 0
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is scalar_event:
                value = scalar(event.value, event.implicit[0])
                self._expanded += 1
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
                self._put(value, 1, event.start_mark)
            elif kind in starts:
                if len(self._stack) >= MOST_DEPTH:
                    raise TooMuch(f"the document is nested more than {MOST_DEPTH} levels deep")
                made: Any = {} if kind is yaml.MappingStartEvent else []
                mark = event.start_mark
                self._stack.append(_Open(made, event.anchor, mark.line + 1, mark.column + 1))
            elif kind in ends:
                self._close(event)
            elif kind is alias_event:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    self.problems.append(
                        Problem("document-unreadable", "only the first YAML document is read", line, 1)
                    )
                    return
            elif kind is yaml.StreamEndEvent:
                return

    def _close(self, event: Any) -> None:
        done = self._stack.pop()
        for source in done.merged:
            for name, value in source.items() if isinstance(source, dict) else ():
                done.value.setdefault(name, value)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.size)
        self._expanded += 1
        self._put(done.value, done.size, event.start_mark, done)

    def _alias(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if event.anchor not in self._anchors:
            message = f"the alias *{event.anchor} leads to nothing that is complete"
            self.problems.append(Problem("document-unreadable", message, line, column))
            self._put(None, 1, event.start_mark)
            return
        value, size = self._anchors[event.anchor]
        self._expanded += size
        if self._expanded > MOST_EXPANDED:
            raise TooMuch(f"with its aliases written out the document holds more than {MOST_EXPANDED:,} values")
        self._put(value, size, event.start_mark)

    def _put(self, value: Any, size: int, mark: Any, done: _Open | None = None) -> None:
        if not self._stack:
            self.result = value
            return
        top = self._stack[-1]
        top.size += size
        if isinstance(top.value, list):
            top.value.append(value)
        elif not top.has_key:
            line, column = (done.line, done.column) if done is not None else (mark.line + 1, mark.column + 1)
            if isinstance(value, dict | list):
                self.problems.append(Problem("document-unreadable", "a key must be a text", line, column))
                value = "?"
            top.key, top.has_key = key_text(value), True
            if top.key in top.value and top.key != MERGE:
                message = f"the key {top.key!r} stands twice in one mapping; the last one counts"
                self.problems.append(Problem("document-duplicate-key", message, line, column))
        else:
            top.has_key = False
            if top.key == MERGE and isinstance(value, dict):
                top.merged.append(value)
            elif top.key == MERGE and isinstance(value, list):
                top.merged.extend(value)
            else:
                top.value[top.key] = value
