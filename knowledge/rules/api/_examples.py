"""The examples that stand with a media type, parameter or header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit
from knowledge.rules.api._answers import pointer

KEYS = ("value", "dataValue")
"""Where a named example holds its value; what is only given as it is written on the wire is not looked at."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example."""

    value: Any
    steps: tuple[str | int, ...]
    name: str = ""
    reference: str = ""

    def hit(self, message: str) -> ApiHit:
        """A hit at the example: where it stands, also when that is a component that is referred to."""
        if self.reference.startswith("#/"):
            return ApiHit(message, subject=self.name, at=pointer(self.reference))
        return ApiHit(message, self.steps, self.name)


def examples(holder: Mapping[str, Any], context: ApiContext) -> Iterator[Example]:
    """The examples of a holder whose values are known."""
    if "example" in holder:
        yield Example(holder["example"], ("example",))
    named = holder.get("examples")
    for name, item in named.items() if isinstance(named, Mapping) else ():
        reference = item.get("$ref") if isinstance(item, Mapping) else None
        found = context.resolve(item)
        for key in KEYS if isinstance(found, Mapping) else ():
            if key in found:
                where = reference if isinstance(reference, str) else ""
                yield Example(found[key], ("examples", name, key), str(name), where)
                break
