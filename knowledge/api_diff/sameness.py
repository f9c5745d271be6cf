"""Which parts of two documents are the same to the letter, with everything that they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.api_diff.inheritance import kinds_by_base
from knowledge.api_diff.source import Source


class Sameness:
    """Found once for all references; parts are then compared as values."""

    def __init__(self, old: Source, new: Source) -> None:
        self._comparable = old.version == new.version
        self._references: dict[int, frozenset[str]] = {}
        self._kept: list[Any] = []
        self._changed = _changed(old, new) if self._comparable else set[str]()

    def same(self, old: Any, new: Any) -> bool:
        """Whether two values are equal and refer to nothing that differs; values of two versions never are."""
        if not self._comparable or old != new:
            return False
        return not self._changed or self._changed.isdisjoint(self._referred(new))

    def _referred(self, value: Any) -> frozenset[str]:
        key = id(value)
        found = self._references.get(key)
        if found is None:
            found = self._references[key] = frozenset(references_in(value))
            self._kept.append(value)  # an id is only good while its object lives
        return found


def references_in(value: Any) -> set[str]:
    """The targets of all references in a value, those of discriminators included."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            reference = item.get("$ref")
            if isinstance(reference, str):
                found.add(reference)
            mapping = item.get("mapping")
            if isinstance(mapping, Mapping):
                targets = [target for target in mapping.values() if isinstance(target, str)]
                found.update(targets, (f"#/components/schemas/{target}" for target in targets))
            waiting += [child for child in item.values() if isinstance(child, dict | list)]
        elif isinstance(item, list):
            waiting += [child for child in item if isinstance(child, dict | list)]
    return found


def _changed(old: Source, new: Source) -> set[str]:
    """References whose targets differ, or refer to such."""
    users: dict[str, set[str]] = {}
    kinds = kinds_by_base(old), kinds_by_base(new)
    changed: set[str] = set()
    seen: set[str] = set()
    waiting = [*references_in(old.root), *references_in(new.root)]
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        one, other = old.target(reference), new.target(reference)
        if one != other:
            changed.add(reference)
            continue
        built_on = {name for found, value in zip(kinds, (one, other), strict=True) for name in found.get(id(value), ())}
        for inner in {*references_in(other), *(f"#/components/schemas/{name}" for name in built_on)}:
            users.setdefault(inner, set()).add(reference)
            waiting.append(inner)
    spreading = list(changed)
    while spreading:
        for user in users.get(spreading.pop(), ()):
            if user not in changed:
                changed.add(user)
                spreading.append(user)
    return changed
