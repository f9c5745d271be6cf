"""A patch carried out on the text of a YAML document: only the lines it is about change, comments stay.

What cannot be done that way (and what reads back as anything but the patched value) is not offered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from knowledge.api.json_patch import Operation, Pointer
from knowledge.api.reading import read
from knowledge.api.yaml_reading import scalar
from knowledge.api.yaml_spans import Members, Span, members_at

Change = tuple[int, int, str]
"""From an offset to an offset, and what stands there afterwards."""

_PLAIN = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.{}$ -]*(?<! )")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.$ -]*(?<! )")


def edited(text: str, operations: Iterable[Operation], value: Any) -> str:
    """``text`` with the operations carried out, which must give ``value``; empty where that is not possible."""
    wanted = list(operations)
    holders = members_at(text, (operation.path[:-1] for operation in wanted))
    changes: list[Change] = []
    gone: dict[Pointer, list[str | int]] = {}
    for operation in wanted:
        members, step = holders.get(operation.path[:-1]), operation.path[-1]
        if operation.op == "remove" and members is not None and step in members.spans:
            gone.setdefault(operation.path[:-1], []).append(step)
            continue
        change = _change(operation, members) if members is not None else None
        if change is None:
            return ""
        changes.append(change)
    for holder, steps in gone.items():
        if len(steps) == len(holders[holder].spans):
            return ""
        changes += _removals(text, holders[holder], set(steps))
    made = _applied(text, changes)
    return made if made and read(made).value == value else ""


def _applied(text: str, changes: list[Change]) -> str:
    """The text with all changes, the last first; empty where two overlap."""
    end = len(text)
    parts: list[str] = []
    for start, stop, new in sorted(changes, key=lambda change: (change[0], change[1]), reverse=True):
        if stop > end:
            return ""
        parts += [text[stop:end], new]
        end = start
    return "".join([text[:end], *reversed(parts)])


def _change(operation: Operation, members: Members) -> Change | None:
    step = operation.path[-1]
    span = members.spans.get(step)
    if operation.op == "replace" and span is not None and span.is_scalar:
        return span.start, span.end, _written(operation.value, members.is_flow)
    if operation.op == "move":
        return _renaming(operation, members)
    if operation.op == "add" and members.is_mapping and span is None and members.spans:
        first = next(iter(members.spans.values()))
        entry = f"{_written(step, members.is_flow)}: {_written(operation.value, members.is_flow)}"
        return _before(first, entry, members, "")
    if operation.op == "add" and not members.is_mapping and span is not None:
        return _before(span, _written(operation.value, members.is_flow), members, "- ")
    return None


def _before(span: Span, entry: str, members: Members, dash: str) -> Change:
    """A new member before another one: the one that was there moves to a line of its own, as deep as before."""
    if members.is_flow:
        return span.key_start, span.key_start, f"{entry}, "
    return span.key_start, span.key_start, f"{entry}\n{' ' * (span.column - len(dash))}{dash}"


def _removals(text: str, members: Members, gone: set[str | int]) -> list[Change]:
    """Without some members, not all of them: each up to the next one, the last ones from the end of what stays."""
    steps = list(members.spans)
    last = max(index for index, step in enumerate(steps) if step not in gone)
    changes = []
    for index, step in enumerate(steps[:last]):
        if step in gone:
            changes.append((members.spans[step].key_start, members.spans[steps[index + 1]].key_start, ""))
    tail = [members.spans[step] for step in steps[last + 1 :]]
    if members.is_flow and tail:
        changes.append((members.spans[steps[last]].end, tail[-1].end, ""))
    elif tail:
        begin = text.rfind("\n", 0, tail[0].key_start) + 1
        changes.append((begin, _content_end(text, tail[-1]), ""))
    return changes


def _content_end(text: str, span: Span) -> int:
    """The start of the line after the last one of a block value: comments that follow it stay."""
    line_end = text.find("\n", span.end - 1 if text[span.end - 1 : span.end] == "\n" else span.end)
    return len(text) if line_end < 0 else line_end + 1


def _renaming(operation: Operation, members: Members) -> Change | None:
    if not operation.source or operation.source[:-1] != operation.path[:-1]:
        return None
    span = members.spans.get(operation.source[-1])
    if span is None or not members.is_mapping:
        return None
    return span.key_start, span.key_end, _written(operation.path[-1], members.is_flow)


def _written(value: Any, in_flow: bool) -> str:
    """A value in one line: plain where that reads back as the same text, else as JSON, which YAML reads as well."""
    plain = _PLAIN_IN_FLOW if in_flow else _PLAIN
    if isinstance(value, str) and plain.fullmatch(value) and scalar(value, True) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
