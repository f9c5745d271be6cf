"""Reads plans in XML.

A document type or an entity of one's own is refused, so nothing can expand. XML says no types and writes
names with hyphens; :mod:`knowledge.formats.explain.names` knows both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_DEPTH
from knowledge.formats.explain.names import BOOLEANS, LISTS, NUMBERS, TEXTS
from knowledge.formats.explain.numbers import number

_HYPHENATED = {
    re.sub(r"[^A-Za-z0-9]", "-", name): name
    for name in [*NUMBERS, *TEXTS, *LISTS, *BOOLEANS, "Full-sort Groups", "Pre-sorted Groups"]
}
_ITEM_LISTS = frozenset(["Plans", "Workers", "Triggers", "Grouping-Sets", "Target-Tables"])


def parse(text: str, first_line: int = 1) -> list[Any]:
    """The documents below ``<explain>``, as JSON has them, with the lines of their nodes left to the caller.

    Raises:
        PlanSyntaxError: it is no XML, or XML that may expand.
    """
    from xml.parsers import expat

    if "<!" in text and re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        line = text[: text.index("<!")].count("\n") + first_line
        raise PlanSyntaxError("XML with a document type is refused", line)
    builder = _Tree()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as mistake:
        # What follows the document, or a document that is cut, must not lose what was read.
        if not builder.root.children:
            raise PlanSyntaxError(f"this is no XML: {mistake}", mistake.lineno + first_line - 1) from None
        builder.mistake = (f"this is no XML: {expat.ErrorString(mistake.code)}", mistake.lineno + first_line - 1)
    except _TooDeep:
        raise PlanSyntaxError("the XML is nested too deeply", parser.CurrentLineNumber + first_line - 1) from None
    if builder.mistake is not None and not builder.is_whole:
        raise PlanSyntaxError(*builder.mistake)
    return [_value(child) for child in builder.root.children]


_SORTS = ("Incremental-Sort-Groups", "Sort-Space")


class _TooDeep(Exception):
    pass


class _Element:
    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[_Element] = []
        self.parts: list[str] = []


class _Tree:
    """Elements as they come."""

    def __init__(self) -> None:
        self.root = _Element("")
        self._open = [self.root]
        self.mistake: tuple[str, int] | None = None

    @property
    def is_whole(self) -> bool:
        return len(self._open) == 1

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        element = _Element(name)
        self._open[-1].children.append(element)
        self._open.append(element)
        if len(self._open) > 3 * MAX_DEPTH:
            raise _TooDeep

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].parts.append(data)


def _value(element: _Element) -> Any:
    """An element as JSON has it."""
    text = "".join(element.parts)
    name = _name(element.name)
    is_list = element.name == "explain" and all(child.name == "Query" for child in element.children)
    if element.name in _ITEM_LISTS or is_list:
        return [_value(child) for child in element.children]
    if name in LISTS or name == "Hash Key":
        return [_value(child) for child in element.children]
    if element.children:
        return _group(element)
    if element.name in ("Settings", "Planning", "JIT", "Options", "Timing"):
        return {}
    return text


def _group(element: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.children:
        name = child.name if element.name == "Settings" else _name(child.name)
        value = _value(child)
        if child.name in _SORTS:
            name = _sort_name(child, found)
        if isinstance(value, str) and element.name != "Settings":
            value = _typed(name, value, element.name)
        if name == "Workers" and name in found:
            from knowledge.formats.explain.json_notation import merge_workers

            value = merge_workers(found[name], value)
        found[name] = value
    return found


def _sort_name(element: _Element, before: Mapping[str, Any]) -> str:
    """The name of a group of an incremental sort: XML calls both alike and tells them by their order.

    One group of space is that of memory, unless the methods say that all of it was on disk.
    """
    if element.name == "Incremental-Sort-Groups":
        return "Pre-sorted Groups" if "Full-sort Groups" in before else "Full-sort Groups"
    methods = before.get("Sort Methods Used", [])
    on_disk = bool(methods) and all(str(method).startswith("external") for method in methods)
    return "Sort Space Disk" if on_disk or "Sort Space Memory" in before else "Sort Space Memory"


def _name(tag: str) -> str:
    return _HYPHENATED.get(tag, tag.replace("-", " "))


def _typed(name: str, text: str, group: str) -> Any:
    if text in ("true", "false") and (name in BOOLEANS or group == "Options"):
        return text == "true"
    value = number(text.strip()) if name in NUMBERS else None
    return text if value is None else value
