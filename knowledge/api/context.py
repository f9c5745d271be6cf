"""What rules may ask of the whole document."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from knowledge.api.node import Policy
from knowledge.api.reading import containers
from knowledge.api.references import split

if TYPE_CHECKING:
    from knowledge.api.walk import Reference

Made = TypeVar("Made")

MOST_REFERENCES = 32
"""A chain of references longer than this is a circle."""


class ApiContext:
    """One document under review.

    Args:
        root: the parsed document, in the shape of 3.1 (see :mod:`knowledge.api.swagger`).
        version: ``2.0``, ``3.0`` or ``3.1`` (which stands for 3.2 as well).
        policy: the house's settings.
        external: what other files of the workspace hold, by the text of the reference before ``#``.
    """

    def __init__(
        self, root: Mapping[str, Any], version: str, policy: Policy, external: Mapping[str, Any] | None = None
    ) -> None:
        self.root, self.version, self.policy = root, version, policy
        self._external = dict(external or {})
        self._found: dict[str, Any] = {}
        self._memo: dict[Hashable, Any] = {}
        self.raw: Mapping[str, Any] = root
        """What stands in the text: the root itself, but of a 2.0 document in its own shape."""
        self.unread: Mapping[str, str] = {}
        """Why a file was not read, by the text of references before ``#``."""
        self.references: list[Reference] = []
        """Every ``$ref`` the walk passed so far; at ``Kind.END`` all of them."""

    def memo(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made once per document and kept under ``key``."""
        if key not in self._memo:
            self._memo[key] = make()
        return cast(Made, self._memo[key])

    def at(self, reference: str) -> Any:
        """What a ``$ref`` leads to, ``None`` where it leads nowhere or out of what was read."""
        if reference not in self._found:
            self._found[reference] = self._look_up(reference)
        return self._found[reference]

    def resolve(self, value: Any) -> Any:
        """``value``, or what its ``$ref`` leads to in the end; ``{}`` where that is nothing or a circle."""
        for _ in range(MOST_REFERENCES):
            if not isinstance(value, dict):
                return value if value is not None else {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = self.at(reference)
        return {}

    @cached_property
    def release(self) -> str:
        """Like ``version``, but 3.2 is told from 3.1."""
        return "3.2" if str(self.root.get("openapi", "")).startswith("3.2") else self.version

    @cached_property
    def schemas(self) -> Mapping[str, Any]:
        """The named schemas."""
        holder = self.root.get("components")
        found = holder.get("schemas") if isinstance(holder, dict) else {}
        return found if isinstance(found, dict) else {}

    def _look_up(self, reference: str) -> Any:
        file, steps = split(reference)
        found: Any = self.root if not file else self._external.get(file)
        if len(steps) == 1 and not reference.partition("#")[2].startswith(("/", "%2F")):
            return self._anchors(file, found).get(steps[0])
        for name in steps:
            if isinstance(found, list) and name.isdigit() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, dict) and name in found:
                found = found[name]
            else:
                return None
        return found

    def _anchors(self, file: str, root: Any) -> Mapping[str, Any]:
        """The schemas of one file that have an ``$anchor``, by it."""

        def find() -> dict[str, Any]:
            held = [item for _, item in containers(root) if isinstance(item, dict)]
            names = ((item.get("$anchor") or item.get("$dynamicAnchor"), item) for item in held)
            return {name: item for name, item in names if isinstance(name, str)}

        return self.memo(("anchors", file), find)
