"""Which component uses which, from the references that the walk passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.references import split

OLD_SECTIONS = {
    "definitions": "schemas",
    "parameters": "parameters",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}
Pointer = tuple[str, ...]


def declared(context: ApiContext) -> Iterator[tuple[str, list[tuple[str, Pointer]]]]:
    """The components by section, with their pointers."""
    raw = context.raw
    if context.version == "2.0":
        for old, section in OLD_SECTIONS.items():
            found = raw.get(old)
            yield section, [(name, (old, name)) for name in found] if isinstance(found, Mapping) else []
        return
    components = raw.get("components")
    for section, found in components.items() if isinstance(components, Mapping) else ():
        if isinstance(found, Mapping) and not section.startswith("x-"):
            yield section, [(name, ("components", section, name)) for name in found]


def items(value: Any) -> list[Any]:
    """A list, or an empty one where a damaged document holds something else."""
    return value if isinstance(value, list) else []


def component_of(target: str) -> str:
    """The component that a reference leads to or into, as in ``schemas/User``; empty where it leads elsewhere."""
    file, steps = split(target)
    if file or len(steps) < 2:
        return ""
    if steps[0] == "components" and len(steps) >= 3:
        return f"{steps[1]}/{steps[2]}"
    return f"{OLD_SECTIONS[steps[0]]}/{steps[1]}" if steps[0] in OLD_SECTIONS else ""


def schema_pointer(name: str, context: ApiContext) -> Pointer:
    """Where a named schema stands."""
    return ("definitions", name) if context.version == "2.0" else ("components", "schemas", name)


def uses_of_schemas(context: ApiContext) -> dict[str, list[str]]:
    """Which named schemas each named schema refers to."""
    uses: dict[str, list[str]] = {}
    targets = _targets(context)
    for reference in context.references:
        holder, _, name = reference.parent.component.partition("/")
        section, _, used = targets[reference.target].partition("/")
        if holder == section == "schemas" and used in context.schemas:
            uses.setdefault(name, []).append(used)
    return uses


def circles(uses: Mapping[str, list[str]]) -> list[list[str]]:
    """Sets of nodes that reach each other (Tarjan's strongly connected components, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: dict[str, None] = {}
    found: list[list[str]] = []
    for start in uses:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        open_[start] = None
        work = [(start, iter(uses[start]))]
        while work:
            node, following = work[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    open_[other] = None
                    work.append((other, iter(uses.get(other, ()))))
                    break
                if other in open_:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    circle = _closed(open_, node)
                    if len(circle) > 1 or node in uses.get(node, ()):
                        found.append(circle)
    return found


def _closed(open_: dict[str, None], node: str) -> list[str]:
    circle = []
    while True:
        last, _ = open_.popitem()
        circle.append(last)
        if last == node:
            return circle[::-1]


def used_components(context: ApiContext) -> set[str]:
    """Components that paths and webhooks lead to, through any number of others."""
    return context.memo("used components", lambda: _used(context))


def _targets(context: ApiContext) -> dict[str, str]:
    """The component of each reference's text."""
    return context.memo(
        "component of", lambda: {text: component_of(text) for text in {item.target for item in context.references}}
    )


def _used(context: ApiContext) -> set[str]:
    below: dict[str, set[str]] = {}
    waiting: list[str] = []
    targets = _targets(context)
    for reference in context.references:
        target = targets[reference.target]
        if not target:
            continue
        holder = reference.parent.component
        if not holder and reference.pointer[:1] in (("components",), ("definitions",)):
            holder = "/".join(str(step) for step in reference.pointer[1:3])
        if holder and "#" not in holder:
            below.setdefault(holder, set()).add(target)
        else:
            waiting.append(target)
    _add_heirs(context, below)
    waiting += _schemes(context)
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(below.get(name, ()))
    return used


def _add_heirs(context: ApiContext, below: dict[str, set[str]]) -> None:
    """A discriminator names its heirs without a reference: those in its mapping, and those that extend it by allOf."""
    for name, schema in context.schemas.items():
        if not isinstance(schema, Mapping):
            continue
        discriminator = schema.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
        for target in mapping.values() if isinstance(mapping, Mapping) else ():
            if isinstance(target, str):
                below.setdefault(f"schemas/{name}", set()).add(component_of(target) or f"schemas/{target}")
        for part in items(schema.get("allOf")):
            parent = (
                component_of(part["$ref"]) if isinstance(part, Mapping) and isinstance(part.get("$ref"), str) else ""
            )
            held = context.schemas.get(parent.partition("/")[2])
            if parent and isinstance(held, Mapping) and "discriminator" in held:
                below.setdefault(parent, set()).add(f"schemas/{name}")


def _schemes(context: ApiContext) -> Iterator[str]:
    """Security schemes that requirements name, in the document and its operations."""
    paths = [context.root.get("paths"), context.root.get("webhooks"), context.root.get("x-webhooks")]
    holders: list[Any] = [context.root]
    for group in paths:
        for item in group.values() if isinstance(group, Mapping) else ():
            holders += (
                [value for value in item.values() if isinstance(value, Mapping)] if isinstance(item, Mapping) else []
            )
    for holder in holders:
        for requirement in items(holder.get("security")):
            yield from (f"securitySchemes/{name}" for name in requirement) if isinstance(requirement, Mapping) else ()
