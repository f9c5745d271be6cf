"""Reads plans in YAML: the block style PostgreSQL writes, and nothing else of YAML.

No anchors, tags or flow style are read, so nothing can expand. Source: ``ExplainYAMLLineStarting`` and
``escape_yaml`` of ``explain_format.c``: groups by indentation, texts in double quotes escaped as in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_DEPTH
from knowledge.formats.explain.numbers import number
from knowledge.formats.explain.source import Line

_ENTRY = re.compile(r"([A-Za-z][\w/ .-]*?)\s*:(?:\s+(.*))?\Z")
_WORDS = {"true": True, "false": False, "null": None}


def parse(lines: Sequence[Line], problems: list[str]) -> list[Any]:
    """The list of plans in lines of YAML; lines that are none are told in ``problems``.

    Raises:
        PlanSyntaxError: it is nested too deeply.
    """
    top: list[Any] = []
    stack: list[tuple[int, Any]] = [(-1, top)]
    pending: tuple[int, Any, str] | None = None
    for line in lines:
        column, text = line.column, line.content
        if not text or text == "---":
            continue
        pending = _item_or_entry(line, column, text, stack, pending, problems)
        if len(stack) > 4 * MAX_DEPTH:
            raise PlanSyntaxError("the YAML is nested too deeply", line.number)
    return top


def _item_or_entry(
    line: Line,
    column: int,
    text: str,
    stack: list[tuple[int, Any]],
    pending: tuple[int, Any, str] | None,
    problems: list[str],
) -> tuple[int, Any, str] | None:
    """Take one line; returns the name that waits for a group below it: its column, its group, itself."""
    if text.startswith("- ") or text == "-":
        rest = text[1:].lstrip()
        owner = _list_for(column, stack, pending)
        if owner is None:
            problems.append(f"line {line.number}: this item belongs to no list")
            return None
        inner = column + len(text) - len(rest)
        if _is_entry(rest):
            group: dict[str, Any] = {}
            owner.append(group)
            stack.append((inner, group))
            return _entry(line, inner, rest, group, problems)
        if not rest or rest in ("-",) or rest.startswith("- "):
            nested: list[Any] = []
            owner.append(nested)
            stack.append((inner, nested))
            return _item_or_entry(line, inner, rest, stack, None, problems) if rest else None
        try:
            owner.append(_scalar(rest))
        except ValueError:
            problems.append(f"line {line.number}: this item cannot be read")
        return None
    if not _is_entry(text):
        problems.append(f"line {line.number}: this line is no YAML that EXPLAIN writes")
        return pending
    mapping = _group_for(column, stack, pending)
    if mapping is None:
        problems.append(f"line {line.number}: the indentation is damaged: this line belongs to no group")
        return None
    return _entry(line, column, text, mapping, problems)


def _is_entry(text: str) -> bool:
    return not text.startswith('"') and _ENTRY.match(text) is not None


def _entry(
    line: Line, column: int, text: str, group: dict[str, Any], problems: list[str]
) -> tuple[int, Any, str] | None:
    match = _ENTRY.match(text)
    if match is None:
        return None
    name, value = match.group(1), (match.group(2) or "").strip()
    if value:
        try:
            group[name] = _scalar(value)
        except ValueError:
            problems.append(f"line {line.number}: the value of “{name}” cannot be read")
        return None
    group.setdefault(name, [])
    return column, group, name


def _list_for(column: int, stack: list[tuple[int, Any]], pending: tuple[int, Any, str] | None) -> list[Any] | None:
    if pending is not None and column >= pending[0]:
        owner: list[Any] = pending[1][pending[2]] if isinstance(pending[1][pending[2]], list) else []
        pending[1][pending[2]] = owner
        stack.append((column, owner))
        return owner
    while len(stack) > 1 and (stack[-1][0] > column or not isinstance(stack[-1][1], list)):
        stack.pop()
    found = stack[-1][1]
    return found if isinstance(found, list) and (stack[-1][0] == column or len(stack) == 1) else None


def _group_for(
    column: int, stack: list[tuple[int, Any]], pending: tuple[int, Any, str] | None
) -> dict[str, Any] | None:
    if pending is not None and column > pending[0]:
        group: dict[str, Any] = {}
        pending[1][pending[2]] = group
        stack.append((column, group))
        return group
    while len(stack) > 1 and (stack[-1][0] > column or not isinstance(stack[-1][1], dict)):
        stack.pop()
    found = stack[-1][1]
    if isinstance(found, dict) and stack[-1][0] == column:
        return found
    if len(stack) == 1 and not stack[0][1]:
        first: dict[str, Any] = {}
        stack[0][1].append(first)
        stack.append((column, first))
        return first
    return None


def _scalar(text: str) -> Any:
    """A value: a text in double quotes, the keys of a grouping set in brackets, a number, a word.

    Raises:
        ValueError: the quotes or brackets do not match.
    """
    if text.startswith(('"', "[")) and len(text) - len(text.lstrip("[")) < 3:
        return json.loads(text, strict=False)
    if text in _WORDS:
        return _WORDS[text]
    value = number(text)
    return text if value is None else value
