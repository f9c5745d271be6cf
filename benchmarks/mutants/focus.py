"""A contract seen through a few of its resources, for checks that have little time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from backend.exercise.contract import Contract, Operation, Resource


@dataclass(frozen=True)
class Focused(Contract):
    """Checks look at some resources only; everything else is still known of."""

    whole: Contract | None = None
    names: Sequence[str] = ()

    @classmethod
    def on(cls, whole: Contract, names: Sequence[str]) -> Contract:
        """``whole`` as far as it is about the resources called ``names``."""
        looked_at = [each for each in whole.resources if each.name in names]
        wanted = {operation.label for resource in looked_at for operation in _operations(resource)}
        operations = tuple(each for each in whole.operations if each.label in wanted)
        return cls(operations, whole.schemas, whole.title, whole, tuple(names))

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Those looked at."""
        return tuple(each for each in self._known.resources if each.name in self.names)

    def resource(self, name: str) -> Resource:
        """Any resource of the whole contract."""
        return self._known.resource(name)

    def item_of(self, path: str, parameter: str) -> Resource | None:
        """As in the whole contract."""
        return self._known.item_of(path, parameter)

    @property
    def _known(self) -> Contract:
        assert self.whole is not None
        return self.whole


def _operations(resource: Resource) -> Iterator[Operation]:
    yield from resource.operations
    within = [each for nested in resource.nested for each in (nested.list, nested.create)]
    linked = [each for link in resource.links for each in (link.list, link.link, link.unlink)]
    yield from (each for each in (*within, *linked) if each is not None)
