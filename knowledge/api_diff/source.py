"""One of the two documents: places in it, and what references lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.document import ApiDocument
from knowledge.api.references import FileStep, split
from knowledge.api.swagger import Upgraded
from knowledge.api_diff.change import Pointer

MOST_REFERENCES = 32
"""A chain of references longer than this is a circle."""
_HOLDERS = {"definitions": "schemas", "securityDefinitions": "securitySchemes"}


@dataclass(frozen=True, slots=True)
class Place:
    """A value and where it stands in the document as written."""

    value: Any
    pointer: Pointer
    component: str = ""
    """The component that the last reference on the way here named."""
    base: Pointer = ()
    """Where the part of the document stands that this belongs to: from there the steps of parts of 2.0 count."""

    def child(self, key: str | int) -> Place:
        """What stands under ``key``; its value is ``None`` where nothing does."""
        holder = self.value
        if isinstance(holder, Mapping):
            found = holder.get(key)
        else:
            found = holder[key] if isinstance(holder, list) and isinstance(key, int) else None
        if type(found) is Upgraded:
            pointer = self.base + found.steps
            return Place(found, pointer, "", pointer)
        return Place(found, (*self.pointer, key), "", self.base)

    def known_as(self, component: str) -> Place:
        """The same place, reached as ``component``."""
        return Place(self.value, self.pointer, component, self.base)

    def members(self, key: str) -> Iterator[tuple[str, Place]]:
        """Name and place of each member of the mapping under ``key``, extensions left out."""
        holder = self.child(key)
        for name in holder.value if isinstance(holder.value, Mapping) else ():
            if not str(name).startswith("x-"):
                yield str(name), holder.child(name)

    def items(self, key: str) -> Iterator[Place]:
        """Each member of the list under ``key``."""
        holder = self.child(key)
        for index in range(len(holder.value)) if isinstance(holder.value, list) else ():
            yield holder.child(index)

    def get(self, key: str) -> Any:
        """The value under ``key``, if this is a mapping that has one."""
        return self.value.get(key) if isinstance(self.value, Mapping) else None

    @property
    def exists(self) -> bool:
        """Whether anything stands here."""
        return self.value is not None


class Source:
    """What references of one document lead to."""

    def __init__(self, document: ApiDocument) -> None:
        self.root, self.version, self.external = document.root, document.version, document.external
        self._targets: dict[str, Place | None] = {}

    @property
    def top(self) -> Place:
        """The whole document."""
        return Place(self.root, ())

    def follow(self, place: Place) -> Place:
        """``place``, or what its chain of references ends at; an empty mapping where it leads nowhere."""
        for _ in range(MOST_REFERENCES):
            value = place.value
            reference = value.get("$ref") if isinstance(value, Mapping) else None
            if not isinstance(reference, str):
                return place
            target = self._target(reference)
            if target is None:
                return Place({}, place.pointer, _component(reference))
            place = target
        return Place({}, place.pointer, place.component)

    def target(self, reference: str) -> Any:
        """The value that one reference leads to, itself not followed; ``None`` where that is nothing."""
        found = self._target(reference)
        return found.value if found is not None else None

    def _target(self, reference: str) -> Place | None:
        if reference not in self._targets:
            self._targets[reference] = self._look_up(reference)
        return self._targets[reference]

    def _look_up(self, reference: str) -> Place | None:
        file, steps = split(reference)
        place = Place(self.external.get(file), (FileStep(file),)) if file else self.top
        for part in steps:
            is_index = isinstance(place.value, list) and part.isdigit() and int(part) < len(place.value)
            place = place.child(int(part) if is_index else part)
            if not place.exists:
                return None
        return place.known_as(_component(reference)) if place.exists else None


def _component(reference: str) -> str:
    """The name of a component as people say it, the same for every version."""
    file, steps = split(reference)
    if file or not steps:
        return reference
    if len(steps) == 3 and steps[0] == "components":
        return f"{steps[1]}/{steps[2]}"
    if len(steps) == 2:
        return f"{_HOLDERS.get(steps[0], steps[0])}/{steps[1]}"
    return "#/" + "/".join(steps)
