"""JSON Patch (RFC 6902): edits of many findings put in an order in which each still finds its place, and applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Pointer = tuple[str | int, ...]


class PatchError(ValueError):
    """An operation that does not fit the document."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on the original document. ``source`` is where ``move`` takes from."""

    op: str
    path: Pointer
    value: Any = None
    source: Pointer = ()

    def as_json(self) -> dict[str, Any]:
        """The operation as RFC 6902 writes it."""
        made: dict[str, Any] = {"op": self.op, "path": text_of(self.path)}
        if self.op == "move":
            made["from"] = text_of(self.source)
        elif self.op != "remove":
            made["value"] = self.value
        return made


def text_of(pointer: Sequence[str | int]) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def order(pointer: Pointer) -> tuple[tuple[int, int, str], ...]:
    """A sort key. From the last to the first, what is deeper comes before what holds it, and higher indexes before
    lower ones: no operation moves what a later one looks for."""
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in pointer)


def apply(root: Any, operations: Iterable[Operation]) -> Any:
    """``root`` with the operations applied one after the other; ``root`` itself stays as it is.

    Raises:
        PatchError: one of them does not fit.
    """
    draft = Draft(root)
    for operation in operations:
        draft.apply(operation)
    return draft.root


class Draft:
    """A document under change: containers are copied when something in them first changes."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._own: dict[int, Any] = {}

    def apply(self, operation: Operation) -> None:
        """Apply one operation.

        Raises:
            PatchError: it does not fit; nothing was changed then.
        """
        if not operation.path:
            raise PatchError("the document as a whole is not replaced")
        if operation.op == "move":
            self._move(operation)
            return
        holder, step = self._holder(operation.path[:-1]), operation.path[-1]
        if operation.op == "add":
            _add(holder, step, operation.value)
        elif operation.op == "replace":
            _existing(holder, step)
            holder[step] = operation.value
        elif operation.op == "remove":
            _existing(holder, step)
            del holder[step]
        else:
            raise PatchError(f"{operation.op} is not an operation")

    def _move(self, operation: Operation) -> None:
        if not operation.source or operation.path[: len(operation.source)] == operation.source:
            raise PatchError("nothing can be moved into itself")
        holder, step = self._holder(operation.source[:-1]), operation.source[-1]
        value = _existing(holder, step)
        if operation.path[:-1] == operation.source[:-1] and isinstance(holder, dict):
            name = str(operation.path[-1])
            if name in holder:
                raise PatchError(f"{name} is there already")
            members = [(name if key == step else key, item) for key, item in holder.items()]
            holder.clear()
            holder.update(members)
            return
        target = self._holder(operation.path[:-1])
        del holder[step]
        _add(target, operation.path[-1], value)

    def _holder(self, path: Pointer) -> Any:
        """The container at ``path``, this draft's own copy of it."""
        self.root = current = self._owned(self.root)
        for step in path:
            _existing(current, step)
            current[step] = self._owned(current[step])
            current = current[step]
        return current

    def _owned(self, value: Any) -> Any:
        if id(value) in self._own:
            return value
        if isinstance(value, dict):
            value = dict(value)
        elif isinstance(value, list):
            value = list(value)
        else:
            raise PatchError("a step leads through something that holds nothing")
        self._own[id(value)] = value
        return value


def _existing(holder: Any, step: str | int) -> Any:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list) and isinstance(step, int) and 0 <= step < len(holder):
        return holder[step]
    raise PatchError(f"there is no {step}")


def _add(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(holder, dict):
        holder[str(step)] = value
    elif step == "-":
        holder.append(value)
    elif isinstance(step, int) and 0 <= step <= len(holder):
        holder.insert(step, value)
    else:
        raise PatchError(f"there is no place {step}")
