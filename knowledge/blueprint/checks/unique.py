"""Groups of columns that are unique together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.problems import Path, Problem, choice, quoted

MAX_CHARACTERS: Final = 600
"""Of all strings in one index entry; PostgreSQL refuses entries above 2,704 bytes, four a character at most."""


def check_unique(blueprint: Blueprint) -> Iterator[Problem]:
    """The ``unique`` groups, and unique strings too long for an index."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        for name, spec in resource.fields.items():
            if spec.unique and spec.type is FieldType.STRING and spec.longest > MAX_CHARACTERS:
                told = f"A unique string has at most {MAX_CHARACTERS} characters, or the database cannot index it."
                spot = (*path, "fields", name, "max_length")
                yield Problem(spot, told, f"Write max_length: {MAX_CHARACTERS} or less.")
        seen: list[frozenset[str]] = []
        for index, group in enumerate(resource.unique):
            where = (*path, "unique", str(index))
            yield from _group(where, resource, group)
            if frozenset(group) in seen:
                yield Problem(where, "The same group stands here twice.", "Delete one of the two.")
            seen.append(frozenset(group))


def _group(path: Path, resource: Resource, group: tuple[str, ...]) -> Iterator[Problem]:
    if not group:
        yield Problem(path, "The group is empty.", "Write names of fields or relations, or delete the group.")
    elif len(group) == 1 and group[0] in resource.fields:
        told = f"The group holds the one field {group[0]}."
        yield Problem(path, told, f"Write unique: true at the field {group[0]}, and delete the group.")
    for index, name in enumerate(group):
        where = (*path, str(index))
        spec = resource.fields.get(name)
        if spec is None and name not in resource.belongs_to:
            known = [*resource.fields, *resource.belongs_to]
            told = f"{resource.name} has no field or relation {quoted(name)}."
            yield Problem(where, told, choice(name.removesuffix("_id"), known, ""))
        elif name in group[:index]:
            yield Problem(where, f"{name} stands in the group twice.", "Delete one of the two.")
        elif spec is not None and spec.type in (FieldType.TEXT, FieldType.JSON):
            told = f"A field of type {spec.type} cannot be unique."
            yield Problem(where, told, "Take it out of the group, or write type: string.")
    strings = [spec.longest for name in group if (spec := resource.fields.get(name)) and spec.type is FieldType.STRING]
    if sum(strings) > MAX_CHARACTERS and len(group) > 1:
        told = f"The strings of the group have {sum(strings)} characters, too many for an index."
        yield Problem(path, told, f"Write max_length so that they have at most {MAX_CHARACTERS} together.")
