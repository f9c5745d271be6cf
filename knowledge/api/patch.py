"""One patch of every mechanical fix, offered only as far as a second review proves it.

An edit stays in it if its finding is gone from the patched document and nothing appeared that was not there before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge.api.collapse import Found, owner
from knowledge.api.document import ApiDocument
from knowledge.api.json_patch import Draft, Operation, PatchError, Pointer, apply, order
from knowledge.api.references import FileStep
from knowledge.api.swagger import upgrade
from knowledge.api.yaml_edits import edited

MOST_REVIEWS = 12
INDENTS: tuple[int | str | None, ...] = (2, 4, None, "\t", 1, 3)

Key = tuple[str, str]
"""Rule and owner."""
Again = Callable[[ApiDocument], list[Found]]


@dataclass(frozen=True, slots=True)
class EditSet:
    """The edits of one hit; they are applied together or not at all."""

    key: Key
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Patch:
    """What is offered."""

    operations: tuple[Operation, ...] = ()
    fixed: frozenset[Key] = frozenset()
    """Rules and owners of which nothing is left."""
    places: int = 0
    """How many hits it removes."""
    dropped: int = 0
    """Hits whose edits were not proven."""
    value: Any = None
    """The patched document; ``None`` where there is nothing to patch."""

    def as_json(self) -> list[dict[str, Any]]:
        """The operations as RFC 6902 writes them, to be applied to the original document in this order."""
        return [operation.as_json() for operation in self.operations]


def edit_sets(found: Iterable[Found]) -> list[EditSet]:
    """The edits that may be tried: those of parts that stand in the document as the rule saw them."""
    made = []
    for rule, node, hit in found:
        if not hit.edits or node.value is not node.raw:
            continue
        base = node.pointer
        if base and type(base[0]) is FileStep:
            continue
        operations = tuple(
            Operation(edit.op, base + edit.steps, source=base + tuple(edit.value))
            if edit.op == "move"
            else Operation(edit.op, base + edit.steps, edit.value)
            for edit in hit.edits
        )
        made.append(EditSet((rule.id, owner(node, hit)), operations))
    return sorted(made, key=lambda item: order(item.operations[0].path), reverse=True)


def prove(document: ApiDocument, found: Sequence[Found], again: Again, before: Sequence[Found] | None = None) -> Patch:
    """The largest patch that was found to remove what it should, and to add nothing.

    Args:
        document: as it was given.
        found: the hits to fix.
        again: reviews a document with the same rules.
        before: every hit of the document, where ``found`` is only a part of them.
    """
    candidates = edit_sets(found)
    offered = len(candidates)
    had = Counter((rule.id, owner(node, hit)) for rule, node, hit in (found if before is None else before))
    trial = _Trial(document, had, again)
    alone = False
    while candidates and trial.left:
        value, operations, sets = _applied(document.raw, candidates)
        surplus, after = trial.surplus(value, sets)
        if not surplus:
            fixed = frozenset(item.key for item in sets if not after[item.key])
            return Patch(tuple(operations), fixed, len(sets), offered - len(sets), value)
        owners = {of for _, of in surplus}
        guilty = {id(item) for item in sets if item.key in surplus or item.key[1] in owners}
        if not guilty:
            if alone:
                break
            innocent, alone = trial.harmless(sets), True
            guilty = {id(item) for item in sets} - {id(item) for item in innocent}
        candidates = [item for item in candidates if id(item) not in guilty]
    return Patch(dropped=offered)


class _Trial:
    """Reviews of patched documents, as many as there may be."""

    def __init__(self, document: ApiDocument, had: Counter[Key], again: Again) -> None:
        self.document, self.had, self.again, self.left = document, had, again, MOST_REVIEWS

    def surplus(self, value: Any, sets: Iterable[EditSet]) -> tuple[set[Key], Counter[Key]]:
        """Of what more is left than the edits should leave; and what is left."""
        self.left -= 1
        after = Counter((rule.id, owner(node, hit)) for rule, node, hit in self.again(with_value(self.document, value)))
        expected = self.had.copy()
        expected.subtract(item.key for item in sets)
        return {key for key, count in after.items() if count > expected[key]}, after

    def harmless(self, sets: list[EditSet]) -> list[EditSet]:
        """The edits of those rules that add nothing when they are applied alone."""
        kept: list[EditSet] = []
        for rule in dict.fromkeys(item.key[0] for item in sets):
            own = [item for item in sets if item.key[0] == rule]
            if self.left > 1 and not self.surplus(_applied(self.document.raw, own)[0], own)[0]:
                kept += own
        return sorted(kept, key=lambda item: order(item.operations[0].path), reverse=True)


def with_value(document: ApiDocument, value: Any) -> ApiDocument:
    """The same document holding ``value``; it has no text of its own, so nothing in it can be located."""
    root = upgrade(value) if document.version == "2.0" else value
    return replace(document, raw=value, root=root)


def _applied(root: Any, sets: list[EditSet]) -> tuple[Any, list[Operation], list[EditSet]]:
    """The patched value, the operations in order, and the sets that are in it. Of two that want to change the same
    place the first wins; two that want the same change agree."""
    draft, touched = Draft(root), _Touched()
    operations: list[Operation] = []
    kept: list[EditSet] = []
    for item in sets:
        if touched.holds(item):
            kept.append(item)
            continue
        if touched.meets(item):
            continue
        try:
            for operation in item.operations:
                draft.apply(operation)
        except PatchError:
            draft = Draft(apply(root, operations))  # a part of the set may have been applied
            continue
        operations += item.operations
        touched.add(item)
        kept.append(item)
    return draft.root, operations, kept


class _Touched:
    """What a patch changes so far."""

    def __init__(self) -> None:
        self._changed: dict[Pointer, Operation] = {}
        self._above: set[Pointer] = set()
        self._shifted: dict[Pointer, int] = {}
        """Of lists: from which index on their items stand elsewhere now."""

    def holds(self, item: EditSet) -> bool:
        """Whether all of it is done already."""
        return all(self._changed.get(operation.path) == operation for operation in item.operations)

    def meets(self, item: EditSet) -> bool:
        """Whether it touches what was changed, except for other members of the same container."""
        return any(
            self._taken(path, operation.op)
            for operation in item.operations
            for path in (operation.path, operation.source)
            if path
        )

    def _taken(self, path: Pointer, op: str) -> bool:
        if path in self._changed and path[-1] != "-":
            return True
        if op != "add" and path in self._above:
            return True
        for length, step in enumerate(path):
            above = path[:length]
            if above in self._changed or (isinstance(step, int) and self._shifted.get(above, step + 1) <= step):
                return True
        return False

    def add(self, item: EditSet) -> None:
        """Take note of what it changes."""
        for operation in item.operations:
            for path in (operation.path, operation.source):
                if not path:
                    continue
                self._changed[path] = operation
                self._above.update(path[:length] for length in range(len(path)))
                if isinstance(path[-1], int) and operation.op != "replace":
                    above = path[:-1]
                    self._shifted[above] = min(path[-1], self._shifted.get(above, path[-1]))


def rendered(document: ApiDocument, patch: Patch) -> str:
    """The text of the document with the patch, in its own layout; empty where only the patch can be offered."""
    if not patch.operations or not document.reading.readable:
        return ""
    if document.reading.marks is not None:
        return edited(document.text, patch.operations, patch.value)
    return _printed(document, patch.value)


def _printed(document: ApiDocument, value: Any) -> str:
    """JSON, where the document's own layout is one that a printer makes."""
    text = document.text
    for indent in INDENTS:
        for ascii_only in (False, True):
            for separators in (None, (",", ":")) if indent is None else (None,):
                made = json.dumps(document.raw, indent=indent, ensure_ascii=ascii_only, separators=separators)
                if made == text.strip():
                    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
                    new = json.dumps(value, indent=indent, ensure_ascii=ascii_only, separators=separators)
                    return start + new + end
    return ""
