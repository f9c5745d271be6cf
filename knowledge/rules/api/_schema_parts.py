"""A schema together with what composition adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import Kind, Node

ALL = ("allOf",)
EVERY = ("allOf", "anyOf", "oneOf", "then", "else", "if", "dependentSchemas")
MOST_PARTS = 500


@dataclass(slots=True)
class Whole:
    """Everything that a schema and its parts say about the members of an object."""

    properties: dict[str, Any] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    types: list[str] = field(default_factory=list)
    complete: bool = True
    """False where a reference led nowhere, so that more may be said than is known."""
    open: bool = False
    """Whether members without a name are described: patternProperties, or a schema for additional ones."""


def gather(schema: Any, context: ApiContext, through: tuple[str, ...] = ALL) -> Whole:
    """What is said about an object by ``schema``, its references and the parts under ``through``."""
    whole, seen, waiting = Whole(), set[int](), [schema]
    while waiting and len(seen) < MOST_PARTS:
        part = waiting.pop()
        if not isinstance(part, dict) or id(part) in seen:
            continue
        seen.add(id(part))
        reference = part.get("$ref")
        if isinstance(reference, str):
            found = context.at(reference)
            whole.complete = whole.complete and found is not None
            waiting.append(found)
        _add(whole, part)
        for name in through:
            held = part.get(name)
            if isinstance(held, list):
                waiting.extend(held)
            elif isinstance(held, Mapping):
                waiting.extend(held.values() if name == "dependentSchemas" else (held,))
    return whole


def _add(whole: Whole, part: Mapping[str, Any]) -> None:
    properties, required, kind = part.get("properties"), part.get("required"), part.get("type")
    if isinstance(properties, Mapping):
        whole.properties.update(properties)
    if isinstance(required, list):
        whole.required.update(name for name in required if isinstance(name, str))
    if isinstance(kind, str):
        whole.types.append(kind)
    elif isinstance(kind, list):
        whole.types.extend(name for name in kind if isinstance(name, str) and name != "null")
    additional = part.get("additionalProperties")
    if "patternProperties" in part or (isinstance(additional, Mapping) and additional):
        whole.open = True


def top(node: Node, roles: frozenset[str] | tuple[str, ...] = EVERY) -> Node:
    """The schema that ``node`` is a part of by composition; itself where it is none."""
    while node.role in roles and node.parent is not None and node.parent.kind is Kind.SCHEMA:
        node = node.parent
    return node


def within(node: Node, role: str) -> bool:
    """Whether ``node`` or a schema above it stands under the keyword ``role``."""
    here: Node | None = node
    while here is not None and here.kind is Kind.SCHEMA:
        if here.role == role:
            return True
        here = here.parent
    return False
