"""Security schemes and what operations require of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import Node


def schemes(context: ApiContext) -> Mapping[str, Any]:
    """The declared security schemes, references followed."""

    def find() -> dict[str, Any]:
        holder = context.root.get("components")
        found = holder.get("securitySchemes") if isinstance(holder, Mapping) else None
        items = found.items() if isinstance(found, Mapping) else ()
        return {name: context.resolve(value) for name, value in items}

    return context.memo("security schemes", find)


def requirements(operation: Node, context: ApiContext) -> list[Any] | None:
    """The requirements that hold for an operation, its own or the document's; ``None`` where neither says anything."""
    found = operation.value.get("security", context.root.get("security"))
    return found if isinstance(found, list) else None


def flows(scheme: Any) -> Mapping[str, Mapping[str, Any]]:
    """The OAuth flows of a scheme by their names."""
    found = scheme.get("flows") if isinstance(scheme, Mapping) else None
    items = found.items() if isinstance(found, Mapping) else ()
    return {name: flow for name, flow in items if isinstance(flow, Mapping)}


def scopes(scheme: Any) -> frozenset[str]:
    """The scopes that any flow of a scheme declares."""
    found = [flow.get("scopes") for flow in flows(scheme).values()]
    return frozenset(name for item in found if isinstance(item, Mapping) for name in item)
