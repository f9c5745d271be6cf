"""Where the parts of a YAML text begin and end, for the pointers that a change of the text touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.yaml_reading import key_text, scalar

Pointer = tuple[str | int, ...]


@dataclass(slots=True)
class Span:
    """One member of a container. Offsets count characters; ``key`` ones are those of the value in a sequence."""

    key_start: int
    key_end: int
    column: int
    start: int = 0
    end: int = 0
    is_scalar: bool = True


@dataclass(slots=True)
class Members:
    """The members of one container, in order."""

    is_flow: bool
    is_mapping: bool
    spans: dict[str | int, Span] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    pointer: Pointer
    members: Members
    wanted: bool
    key: tuple[str, int, int, int] | None = None
    start: int = 0
    column: int = 0


def members_at(text: str, wanted: Iterable[Pointer]) -> dict[Pointer, Members]:
    """The members of the containers at ``wanted``. ``text`` is YAML that was read before."""
    import yaml

    asked = set(wanted)
    found: dict[Pointer, Members] = {}
    stack: list[_Open] = []
    parser = yaml.CSafeLoader(text)
    try:
        while True:
            event: Any = parser.get_event()
            kind = type(event)
            if kind is yaml.StreamEndEvent or (kind is yaml.DocumentEndEvent):
                return found
            if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                is_mapping = kind is yaml.MappingStartEvent
                pointer = _next(stack)
                members = Members(bool(event.flow_style), is_mapping)
                stack.append(
                    _Open(
                        pointer, members, pointer in asked, start=event.start_mark.index, column=event.start_mark.column
                    )
                )
                if pointer in asked:
                    found[pointer] = members
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = stack.pop()
                last = next(reversed(done.members.spans.values()), None)
                end = event.end_mark.index if done.members.is_flow or last is None else last.end
                _close(stack, done.start, end, done.column, is_scalar=False)
            elif kind is yaml.ScalarEvent and _is_key(stack):
                name = key_text(scalar(event.value, event.implicit[0]))
                mark = event.start_mark
                stack[-1].key = name, mark.index, event.end_mark.index, mark.column
            elif kind is yaml.ScalarEvent or kind is yaml.AliasEvent:
                start, column = event.start_mark.index, event.start_mark.column
                _close(stack, start, event.end_mark.index, column, is_scalar=kind is yaml.ScalarEvent)
    finally:
        parser.dispose()


def _is_key(stack: list[_Open]) -> bool:
    return bool(stack) and stack[-1].members.is_mapping and stack[-1].key is None


def _next(stack: list[_Open]) -> Pointer:
    """The pointer of a value that begins here."""
    if not stack:
        return ()
    top = stack[-1]
    if not top.members.is_mapping:
        return (*top.pointer, len(top.members.spans))
    return (*top.pointer, top.key[0] if top.key else "")


def _close(stack: list[_Open], start: int, end: int, column: int, *, is_scalar: bool) -> None:
    """A value ended: it is a member of what is open now."""
    if not stack:
        return
    top = stack[-1]
    if top.members.is_mapping:
        name, key_start, key_end, key_column = top.key or ("", start, end, column)
        top.key = None
        top.members.spans[name] = Span(key_start, key_end, key_column, start, end, is_scalar)
    else:
        number = len(top.members.spans)
        top.members.spans[number] = Span(start, start, column, start, end, is_scalar)
