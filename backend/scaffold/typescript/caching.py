"""``Cache-Control`` and the application's own cache in the words of TypeScript."""

from __future__ import annotations

from dataclasses import replace

from backend.scaffold.rendering.caching import Kept, kept_reads
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import CachePolicy


def cache_control(policy: CachePolicy, *, public: bool) -> str:
    """The expression for ``Cache-Control``."""
    times = [f"maxAge: {policy.max_age}"]
    if public and policy.shared_max_age:
        times.append(f"sMaxage: {policy.shared_max_age}")
    if policy.stale_while_revalidate:
        times.append(f"staleWhileRevalidate: {policy.stale_while_revalidate}")
    if not public:
        return f"privately({{ {', '.join(times)} }})" if policy.max_age else "PRIVATE_NO_CACHE"
    return f"publicly({{ {', '.join(times)} }})" if policy.max_age or policy.shared_max_age else "NO_CACHE"


def kept(blueprint: Blueprint, resource: Resource) -> tuple[Kept, ...]:
    """The reads of a resource that go to the application's cache."""
    found = []
    for entry in kept_reads(blueprint, resource):
        one = entry.path.endswith("}")
        operation = resource.operations.get if one else resource.operations.list
        cache = operation.cache if operation else CachePolicy()
        found.append(replace(entry, cache_control=cache_control(cache, public=entry.public)))
    return tuple(found)
