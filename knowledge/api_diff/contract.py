"""The operations of a document with what they inherit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.api.walk import METHODS
from knowledge.api_diff.source import Place, Source

_VARIABLE = re.compile(r"\{([^{}]*)\}")
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""Header parameters of these names are to be ignored (OpenAPI 3.1, 4.8.12.1): other parts describe them."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation; ``item`` is the path item that holds it."""

    template: str
    method: str
    place: Place
    item: Place
    called: bool = field(default=False)
    """The API calls it (webhook, callback): data travels the other way."""

    @property
    def name(self) -> str:
        """As people call it."""
        return f"{self.method.upper()} {self.template}"


def shape_of(template: str) -> str:
    """A path template without the names of its variables, which are no part of the contract."""
    return _VARIABLE.sub("{}", template)


def path_items(source: Source) -> dict[str, Place]:
    """The path items by template."""
    return {template: source.follow(item) for template, item in source.top.members("paths")}


def operations_of(template: str, item: Place, called: bool = False) -> dict[str, Operation]:
    """The operations of one path item by method."""
    found = {}
    for method, place in _methods(item):
        if isinstance(place.value, Mapping):
            found[method] = Operation(template, method, place, item, called)
    return found


def _methods(item: Place) -> Iterator[tuple[str, Place]]:
    for key in item.value if isinstance(item.value, Mapping) else ():
        if key in METHODS:
            yield key, item.child(key)
    for method, place in item.members("additionalOperations"):
        yield method.lower(), place


ParameterKey = tuple[str, str]


def parameters_of(operation: Operation, source: Source) -> dict[ParameterKey, Place]:
    """Its parameters by place and name; path parameters by their number in the template, headers in lower case."""
    numbers = {name: str(index) for index, name in enumerate(_VARIABLE.findall(operation.template))}
    found: dict[ParameterKey, Place] = {}
    for holder in (operation.item, operation.place):
        for written in holder.items("parameters"):
            place = source.follow(written)
            where, name = str(place.get("in") or ""), str(place.get("name") or "")
            if where == "header" and name.lower() in IGNORED_HEADERS:
                continue
            if where == "path":
                if name not in numbers:
                    continue  # names no variable: there is no way to send it
                name = numbers[name]
            component = place.component if place is not written else ""
            key = (where, name.lower() if where == "header" else name)
            shared = component or (f"path {operation.template}" if holder is operation.item else "")
            found[key] = place.known_as(shared)
    return found
