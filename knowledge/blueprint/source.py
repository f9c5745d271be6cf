"""From YAML or JSON text to plain values that remember their line and column.

Scalars are read as JSON and the core schema of YAML 1.2 read them (https://yaml.org/spec/1.2.2/#103-core-schema),
as editors do: ``yes``, ``on`` and ``12:30`` are text. Tags are refused, so no text can name a class to be built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

import yaml

from knowledge.blueprint.problems import BlueprintError, Path, Problem, quoted

MAX_CHARACTERS = 500_000
MAX_DEPTH = 16
MAX_VALUES = 50_000
"""Values in all, those counted again that an alias repeats."""
MAX_DIGITS = 60

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\.", re.DOTALL)


@dataclass
class Node:
    """A value and where it stands; a mapping also knows where its keys stand."""

    line: int
    column: int
    value: str | int | float | bool | dict[str, Node] | list[Node] | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Any:
        """The value alone."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of the value at a path, or of the deepest part of the path that exists.

        A key's own place is that of the key, for there the eye finds it.
        """
        node, place = self, (self.line, self.column)
        for part in path:
            if isinstance(node.value, dict) and part in node.value:
                place, node = node.keys[part], node.value[part]
            elif isinstance(node.value, list) and part.isdigit() and int(part) < len(node.value):
                node = node.value[int(part)]
                place = (node.line, node.column)
            else:
                break
        return place


def plain_scalar(text: str) -> str | int | float | bool | None:
    """What text without quotes means."""
    lowered = text.lower()
    if lowered in _WORDS and text in (lowered, lowered.capitalize(), lowered.upper()):
        return _WORDS[lowered]
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _FLOAT.fullmatch(text) else inf
    return number if isfinite(number) else text


class _Refused(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def read_text(text: str, *, source: str = "blueprint") -> Node:
    """The values of one YAML or JSON document.

    Raises ``BlueprintError`` for text that is neither, too large, too deep, that repeats a key or uses tags.
    """
    reader = _Reader()
    try:
        node = reader.document(_prepared(text))
    except _Refused as refused:
        raise BlueprintError([*reader.problems, refused.problem], source=source) from None
    except yaml.MarkedYAMLError as error:
        raise BlueprintError([*reader.problems, _not_yaml(error)], source=source) from None
    if reader.problems:
        raise BlueprintError(reader.problems, source=source)
    return node


def _not_yaml(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(part for part in (error.context, error.problem) if part)
    problem = Problem((), f"This is neither YAML nor JSON: {said}.", "Put the text right at or just before this place.")
    return problem if mark is None else problem.at(mark.line + 1, mark.column + 1)


def _prepared(text: str) -> str:
    """The text, checked for size and characters; in JSON, surrogate pairs are written as YAML knows them."""
    if len(text) > MAX_CHARACTERS:
        message = f"The text has {len(text):,} characters; a blueprint has at most {MAX_CHARACTERS:,}."
        raise _Refused(Problem((), message, "Split the backend into several blueprints."))
    bad = next((index for index, char in enumerate(text) if not _printable(char)), None)
    if bad is not None:
        line, column = text.count("\n", 0, bad) + 1, bad - (text.rfind("\n", 0, bad) + 1) + 1
        message = f"The character {text[bad]!a} cannot stand in a blueprint."
        raise _Refused(Problem((), message, "Delete it, or save the file as UTF-8 text.").at(line, column))
    text = text.removeprefix("\ufeff")
    return _SURROGATES.sub(_joined, text) if text.lstrip().startswith("{") else text


def _printable(char: str) -> bool:
    """Whether YAML allows the character (production ``c-printable``)."""
    return (
        char in "\t\n\r\x85"
        or " " <= char <= "~"
        or "\xa0" <= char <= "\ud7ff"
        or "\ue000" <= char <= "\ufffd"
        or (char >= "\U00010000")
    )


def _joined(match: re.Match[str]) -> str:
    if not match[1]:
        return match[0]
    high, low = int(match[1], 16) - 0xD800, int(match[2], 16) - 0xDC00
    return f"\\U{0x10000 + high * 0x400 + low:08X}"


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Reader:
    """Builds nodes from the parser's events, never deeper or larger than the limits."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._anchors: dict[str, Node] = {}
        self._values = 0

    def document(self, text: str) -> Node:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise self._refuse(event, (), "A second document begins here.", "Keep one document, without ---.")
                node = self._node(next(events), events, ())
        return node or Node(1, 1)

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> Node:
        node = Node(*_start(event))
        if len(path) > MAX_DEPTH:
            raise self._refuse(event, (), f"Values are nested more than {MAX_DEPTH} deep.", "Nest less.")
        self._count(event, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if event.tag is not None:
            told = f"The tag {quoted(event.tag)} is not read."
            self.problems.append(Problem(path, told, "Delete the tag; write a plain value.").at(node.line, node.column))
        if isinstance(event, yaml.MappingStartEvent):
            self._mapping(node, events, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(item := next(events), yaml.SequenceEndEvent):
                items.append(self._node(item, events, (*path, str(len(items)))))
            node.value = items
            node.size += sum(item.size for item in items)
        else:
            node.value = self._scalar(event, path)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, path: Path) -> Node:
        known = self._anchors.get(event.anchor)
        if known is None:
            remedy = f"Put &{event.anchor[:40]} before a value further up, or write the value here."
            raise self._refuse(event, path, f"No value before this place is called &{event.anchor[:40]}.", remedy)
        self._count(event, known.size)
        return known

    def _mapping(self, node: Node, events: Iterator[Any], path: Path) -> None:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, path, "A key is not plain text.", "Write a name before the colon.")
            key = event.value
            place = _start(event)
            inner = self._node(next(events), events, (*path, key))
            if key in entries:
                told = f"The key {quoted(key)} stands here a second time; it was first on line {node.keys[key][0]}."
                self.problems.append(Problem((*path, key), told, "Delete one of the two or rename it.").at(*place))
                continue
            entries[key], node.keys[key] = inner, place
            node.size += inner.size
        node.value = entries

    def _scalar(self, event: Any, path: Path) -> str | int | float | bool | None:
        text: str = event.value
        if event.style:  # quoted, or a block of text
            return text
        if len(text) > MAX_DIGITS and _FLOAT.fullmatch(text):
            raise self._refuse(event, path, f"A number has more than {MAX_DIGITS} characters.", "Write a shorter one.")
        return plain_scalar(text)

    def _count(self, event: Any, size: int) -> None:
        self._values += size
        if self._values > MAX_VALUES:
            told = f"The text holds more than {MAX_VALUES:,} values, those counted that aliases repeat."
            raise self._refuse(event, (), told, "Split the backend into several blueprints.")

    def _refuse(self, event: Any, path: Path, message: str, remedy: str) -> _Refused:
        return _Refused(Problem(path, message, remedy).at(*_start(event)))
