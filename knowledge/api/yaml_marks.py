"""Where the members of each container of a YAML text stand, kept while it is read."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Pointer = tuple[str | int, ...]
Place = tuple[int, int]
_SHIFT = 20
_MASK = (1 << _SHIFT) - 1


@dataclass
class Marks:
    """Marks of members by the identity of their container; what merge keys add has none of its own."""

    root: Any = None
    members: dict[int, array[int]] = field(default_factory=dict)
    start: Place = (1, 1)

    def place(self, pointer: Pointer) -> Place:
        """Line and column (from 1) of a key, of an item in a sequence; of what does not exist, the thing above."""
        value, found = self.root, self.start
        for step in pointer:
            marks = self.members.get(id(value))
            if isinstance(value, Mapping):
                name = str(step)
                if name not in value or marks is None:
                    break
                index = next(number for number, key in enumerate(value) if key == name)
                value = value[name]
            elif isinstance(value, list) and marks is not None and str(step).isdigit() and int(step) < len(value):
                index = int(step)
                value = value[index]
            else:
                break
            if index < len(marks):
                found = unpacked(marks[index])
        return found

    def members_of(self, container: Any) -> list[Place]:
        """The places of the members of a container, in its order."""
        return [unpacked(mark) for mark in self.members.get(id(container), ())]


def packed(line: int, column: int) -> int:
    """A place in one number; both count from 0."""
    return line << _SHIFT | min(column, _MASK)


def unpacked(mark: int) -> Place:
    """The place, counting from 1."""
    return (mark >> _SHIFT) + 1, (mark & _MASK) + 1
