"""YAML in the form OpenAPI asks for (1.2, JSON's types), built from the C parser's events: no recursion, no bombs."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.reading import MOST_DEPTH, UNREADABLE, Problem, Reading, duplicate, unreadable
from knowledge.api.yaml_marks import Marks, packed, unpacked

MOST_EXPANDED = 5_000_000
"""Values that a document may hold once every alias is written out."""
MERGE = "<<"
LONGEST_NUMBER = 300

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class TooMuch(Exception):
    """A bound was reached; the text says which."""


@dataclass(slots=True)
class _Open:
    """A container whose end has not been read."""

    value: Any
    anchor: str | None
    mark: int
    members: array[int] = field(default_factory=lambda: array("Q"))
    key: str | None = None
    size: int = 1
    merged: list[Any] = field(default_factory=list)


def scalar(text: str, plain: bool) -> Any:
    """The value of a scalar by the core schema of YAML 1.2, as far as JSON has it: ``yes`` and dates are texts."""
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) < LONGEST_NUMBER and (text[0].isdigit() or text[0] in "+-."):
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if _HEXADECIMAL.match(text):
            return int(text, 16)
    return text


def key_text(value: Any) -> str:
    """A key as JSON has it: ``200`` and ``true`` are texts as well; a container is none, and empty."""
    if isinstance(value, dict | list):
        return ""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
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
        return unreadable(str(error))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        return unreadable(f"neither JSON nor YAML: {error.problem or error.context}", line, column)
    except yaml.YAMLError as error:
        return unreadable(f"neither JSON nor YAML: {str(error).splitlines()[0]}")
    except UnicodeError:
        return unreadable("the text holds half a character (a lone surrogate)")
    return Reading(builder.marks.root, problems=builder.problems, marks=builder.marks)


class _Builder:
    """Builds the value of an event stream."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.marks = Marks()
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._expanded = 0

    def feed(self, parser: Any, yaml: Any) -> None:
        """Read every event of the first document."""
        scalar_event, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
        get_event, put = parser.get_event, self._put
        documents = 0
        while True:
            event = get_event()
            kind = type(event)
            if kind is scalar_event:
                value = scalar(event.value, event.implicit[0])
                self._expanded += 1
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
                mark = event.start_mark
                put(value, 1, packed(mark.line, mark.column))
            elif kind is mapping or kind is sequence:
                if len(self._stack) >= MOST_DEPTH:
                    raise TooMuch(f"the document is nested more than {MOST_DEPTH} levels deep")
                mark = event.start_mark
                opened = _Open({} if kind is mapping else [], event.anchor, packed(mark.line, mark.column))
                self._stack.append(opened)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    self.problems.append(Problem(UNREADABLE, "only the first YAML document is read", line, 1))
                    return
            elif kind is yaml.StreamEndEvent:
                return

    def _close(self) -> None:
        done = self._stack.pop()
        for source in done.merged:
            for name, value in source.items() if isinstance(source, dict) else ():
                done.value.setdefault(name, value)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.size)
        self.marks.members[id(done.value)] = done.members
        self._expanded += 1
        self._put(done.value, done.size, done.mark)

    def _alias(self, event: Any) -> None:
        mark = packed(event.start_mark.line, event.start_mark.column)
        value, size = self._anchors.get(event.anchor, (None, 0))
        if not size:
            message = f"the alias *{event.anchor} leads to nothing that is complete"
            self.problems.append(Problem(UNREADABLE, message, *unpacked(mark)))
        self._expanded += size
        if self._expanded > MOST_EXPANDED:
            raise TooMuch(f"with its aliases written out the document holds more than {MOST_EXPANDED:,} values")
        self._put(value, size, mark)

    def _put(self, value: Any, size: int, mark: int) -> None:
        """Add a value to the innermost container: an item, a key, or what belongs to the last key."""
        if not self._stack:
            self.marks.root, self.marks.start = value, unpacked(mark)
            return
        top = self._stack[-1]
        top.size += size
        if type(top.value) is list:
            top.value.append(value)
            top.members.append(mark)
        elif top.key is None:
            top.key = self._key(top, value, mark)
        else:
            if top.key != MERGE:
                top.value[top.key] = value
            elif isinstance(value, list):
                top.merged.extend(value)
            else:
                top.merged.append(value)
            top.key = None

    def _key(self, top: _Open, value: Any, mark: int) -> str:
        """Keep the mark of a key, and say where it stood before."""
        if isinstance(value, dict | list):
            self.problems.append(Problem(UNREADABLE, "a key must be a text", *unpacked(mark)))
        name = key_text(value)
        if name in top.value:
            self.problems.append(duplicate(name, *unpacked(mark)))
            top.members[list(top.value).index(name)] = mark
        elif name != MERGE:
            top.members.append(mark)
        return name
