"""Schemas of a document in their one form: references followed, compositions merged, null and type lists spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from knowledge.api_diff.conjunction import conjoin
from knowledge.api_diff.inheritance import kinds_by_base
from knowledge.api_diff.own import CONSTRAINTS, NOTES, fits, own_branches
from knowledge.api_diff.shape import Both, Branch, Shape, type_of
from knowledge.api_diff.source import Place, Source

MOST_BRANCHES = 64
"""Alternatives that a product of compositions may make; beyond, a composition is compared as it stands."""
MOST_NESTING = 200


class Canon:
    """Shapes of the schemas of one document, each made once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._made: dict[int, Shape] = {}
        self._active: set[int] = set()
        self._kept: list[Any] = []

    @cached_property
    def kinds(self) -> dict[int, dict[str, Place]]:
        """See :func:`knowledge.api_diff.inheritance.kinds_by_base`."""
        return kinds_by_base(self.source)

    def shape(self, place: Place) -> Shape:
        """The one form of the schema at ``place``; a schema that contains itself by composition adds nothing there."""
        value = place.value
        if value is False:
            return Shape(())
        if not isinstance(value, Mapping | Both) or not value_matters(value):
            return Shape((Branch("any", place),))
        key = id(value)
        found = self._made.get(key)
        if found is not None:
            return found
        if key in self._active or len(self._active) > MOST_NESTING:
            return Shape((Branch("any", place),))
        self._active.add(key)
        try:
            made = self._make(place)
        finally:
            self._active.discard(key)
        self._made[key] = made
        self._kept.append(value)  # an id is only good while its object lives
        return made

    def _make(self, place: Place) -> Shape:
        value = place.value
        if isinstance(value, Both):
            return self._all([self.shape(part) for part in value.parts], value.parts, {})
        notes = {name: value[name] for name in NOTES if name in value}
        if isinstance(value.get("$ref"), str):
            return self._referred(place, notes)
        own = own_branches(place)
        nullable = value.get("nullable") is True or value.get("x-nullable") is True
        if nullable and "null" not in [branch.kind for branch in own] and not _only_any(own):
            own = [*own, Branch("null", place)]
        parts, places = [Shape(tuple(own))], [place]
        for member in place.items("allOf"):
            parts.append(self.shape(member))
            places.append(member)
        for keyword in ("anyOf", "oneOf"):
            members = list(place.items(keyword))
            if members:
                union = self._union(members, keyword == "oneOf")
                if nullable and not any(branch.kind == "null" for branch in union.branches):
                    union.branches = (*union.branches, Branch("null", place))
                parts.append(union)
                places.append(Place({keyword: value[keyword]}, place.pointer, "", place.base))
        made = self._all(parts, places, notes)
        if nullable and not any(branch.kind == "null" for branch in made.branches) and not made.trivial:
            made.branches = (*made.branches, Branch("null", place))
        return made

    def _referred(self, place: Place, notes: Mapping[str, Any]) -> Shape:
        """A reference and what stands beside it: nothing before 3.1, annotations or a conjunction since."""
        target = self.source.follow(place)
        found = self.shape(target)
        beside = place.value if self.source.version not in ("2.0", "3.0") else {}
        nullable = place.value.get("nullable") is True or place.value.get("x-nullable") is True
        if CONSTRAINTS.intersection(beside) or any(key in beside for key in ("allOf", "anyOf", "oneOf")):
            rest = {name: item for name, item in place.value.items() if name != "$ref"}
            found = self._all([self.shape(Place(rest, place.pointer, "", place.base)), found], (place, target), notes)
        else:
            found = Shape(found.branches, {**found.notes, **(notes if beside else {})}, found.exclusive)
        if nullable and not any(branch.kind == "null" for branch in found.branches) and not found.trivial:
            found = Shape((*found.branches, Branch("null", place)), found.notes, found.exclusive)
        return found

    def _union(self, members: Iterable[Place], exclusive: bool) -> Shape:
        shapes = [self.shape(self.source.follow(member) if _is_bare(member) else member) for member in members]
        exclusive = (exclusive and len(shapes) > 1) or any(shape.exclusive for shape in shapes)
        branches = tidy([branch for shape in shapes for branch in shape.branches], exclusive)
        return Shape(tuple(branches), {}, exclusive and len(branches) > 1)

    def _all(self, parts: list[Shape], places: Iterable[Place], notes: Mapping[str, Any]) -> Shape:
        found = parts[0].branches
        exclusive = parts[0].exclusive
        said: dict[str, Any] = dict(parts[0].notes)
        for part, place in zip(parts[1:], list(places)[1:], strict=True):
            said = {**part.notes, **said}
            product = len(found) * len(part.branches)
            if product > MOST_BRANCHES and len(found) > 1 and len(part.branches) > 1:
                for branch in found:
                    branch.rest = (*branch.rest, place)
                continue
            met = [conjoin(one, other) for one in found for other in part.branches]
            found = tuple(branch for branch in met if branch is not None)
            exclusive = (exclusive or part.exclusive) and len(found) > 1
        return Shape(tuple(_closed(branch) for branch in found), {**said, **notes}, exclusive)


def value_matters(value: Any) -> bool:
    """Whether anything is in it."""
    return bool(value) or isinstance(value, Both)


def _is_bare(place: Place) -> bool:
    """Whether only a reference stands there."""
    return isinstance(place.value, Mapping) and len(place.value) == 1 and "$ref" in place.value


def _only_any(branches: list[Branch]) -> bool:
    return len(branches) == 1 and branches[0].kind == "any" and branches[0].bare


def _closed(branch: Branch) -> Branch:
    """``unevaluatedProperties`` where everything is in one place is ``additionalProperties``; so with items."""
    for late, early in (("unevaluatedProperties", "additionalProperties"), ("unevaluatedItems", "items")):
        if late in branch.single and early not in branch.single and not (branch.rest or branch.conditions):
            if late == "unevaluatedItems" and branch.contains:
                continue
            if late == "unevaluatedProperties" and "dependentSchemas" in branch.maps:
                continue
            branch.single[early] = branch.single.pop(late)
    return branch


def tidy(branches: list[Branch], exclusive: bool) -> list[Branch]:
    """Alternatives without doubles: enumerations put together, what a bare type admits anyway left out."""
    made: list[Branch] = []
    enums: dict[str, Any] = {}
    first: Branch | None = None
    for branch in branches if exclusive else dict.fromkeys(branches):
        if branch.kind == "enum" and not branch.rest and not branch.excluded and not branch.conditions:
            first = first or branch
            if exclusive and enums.keys() & (branch.values or {}).keys():
                return branches
            enums.update(branch.values or {})
            if first is branch:
                made.append(branch)
        elif not (branch.bare and any(one.kind == branch.kind and one.bare for one in made)) or exclusive:
            made.append(branch)
    if first is not None and enums != first.values:
        made[made.index(first)] = Branch("enum", first.place, values=enums)
    if exclusive:
        return made
    bare = {branch.kind for branch in made if branch.bare}
    if "any" in bare:
        return [next(branch for branch in made if branch.kind == "any" and branch.bare)]
    return [branch for branch in made if not _within(branch, bare)]


def _within(branch: Branch, bare: set[str]) -> bool:
    """Whether one of the types of ``bare``, which have no constraints, admits all of it anyway."""
    if branch.kind == "enum":
        return all(fits(type_of(item), list(bare)) for item in (branch.values or {}).values())
    return (branch.kind in bare and not branch.bare) or (branch.kind == "integer" and "number" in bare)
