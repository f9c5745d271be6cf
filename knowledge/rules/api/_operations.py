"""What rules about operations and parameters share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import Kind, Node
from knowledge.api.swagger import Upgraded
from knowledge.rules.api._answers import called

READS = frozenset({"get", "head", "options", "trace", "query"})


def own(node: Node) -> bool:
    """Whether an operation is one that the API itself serves, and was read as an object."""
    return isinstance(node.value, Mapping) and not called(node)


def listed(holder: Mapping[str, Any], context: ApiContext) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The parameters written in one list: the steps to each, and what it is once references are followed."""
    items = holder.get("parameters")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        yield (item.steps if type(item) is Upgraded else ("parameters", index)), context.resolve(item)


def where(node: Node) -> str:
    """How a message calls the place of a node: ``post /orders``, the component, or what is called back."""
    if node.path or node.component:
        return f"{node.method} {node.path}".strip() if node.path else node.component
    callback = node.above(Kind.CALLBACK)
    return f"{node.method} of {callback.key}".strip() if callback is not None else node.method


def parameter_name(node: Node) -> str:
    """What a parameter is called when it is sent; as a component it has another key."""
    found = node.value.get("name")
    return found if isinstance(found, str) else node.key


def schema_of(parameter: Mapping[str, Any], context: ApiContext) -> Mapping[str, Any]:
    """The schema of a parameter with its reference followed; of ``content`` the first one."""
    found = parameter.get("schema")
    if found is None:
        content = parameter.get("content")
        media = next(iter(content.values()), None) if isinstance(content, Mapping) else None
        found = media.get("schema") if isinstance(media, Mapping) else None
    found = context.resolve(found)
    return found if isinstance(found, Mapping) else {}


def said(schema: Mapping[str, Any], context: ApiContext) -> dict[str, Any]:
    """The keywords of a schema and of everything in its ``allOf``, and in the alternatives to null.

    Keywords that stand in several parts are taken from the first.
    """
    found: dict[str, Any] = {}
    waiting: list[Any] = [schema]
    seen = 0
    while waiting and seen < 50:
        part = context.resolve(waiting.pop(0))
        seen += 1
        if not isinstance(part, Mapping):
            continue
        for key, value in part.items():
            found.setdefault(key, value)
        for keyword in ("allOf", "anyOf", "oneOf"):
            parts = part.get(keyword)
            if isinstance(parts, list):
                real = [item for item in parts if not (isinstance(item, Mapping) and item.get("type") == "null")]
                waiting += real if keyword == "allOf" or len(real) == 1 else []
    return found


def type_names(schema: Mapping[str, Any]) -> frozenset[str]:
    """The types a schema names, null left out."""
    found = schema.get("type")
    listed_types = found if isinstance(found, list) else [found]
    return frozenset(name for name in listed_types if isinstance(name, str) and name != "null")


def in_paths(node: Node) -> bool:
    """Whether a parameter stands in what the API serves, or is a component (callbacks are others' to serve)."""
    return bool(node.path) or (bool(node.component) and node.above(Kind.CALLBACK) is None)
