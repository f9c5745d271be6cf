"""How answers are kept: the headers that say so, the application's own cache, and what a write drops from it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.rendering.access import references
from backend.scaffold.rendering.literals import text_literal
from knowledge.blueprint.model import Blueprint, OnDelete, Resource
from knowledge.blueprint.operations import CachePolicy, Deprecation, GetOperation, ListOperation, Operation


@dataclass(frozen=True)
class Kept:
    """A read whose answers the application keeps."""

    path: str
    namespace: str
    seconds: int
    cache_control: str
    public: bool
    tenant: bool
    deprecated: str
    """The arguments of ``deprecation_headers``; empty where clients may stay."""


def cache_control(policy: CachePolicy, *, public: bool) -> str:
    """The expression for ``Cache-Control``."""
    stale = f"stale_while_revalidate={policy.stale_while_revalidate}" if policy.stale_while_revalidate else ""
    if not public:
        if not policy.max_age:
            return "cache_control.PRIVATE_NO_CACHE"
        return f"cache_control.private({', '.join(filter(None, [str(policy.max_age), stale]))})"
    if not policy.max_age and not policy.shared_max_age:
        return "cache_control.NO_CACHE"
    shared = str(policy.shared_max_age) if policy.shared_max_age else ""
    return f"cache_control.public({', '.join(filter(None, [str(policy.max_age), shared, stale]))})"


def kept_reads(blueprint: Blueprint, resource: Resource) -> tuple[Kept, ...]:
    """The reads of a resource that go to the application's cache, under the resource's plural as namespace."""
    rows = f"{blueprint.prefix}/{resource.path}"
    listing, get = resource.operations.list, resource.operations.get
    found = []
    if listing is not None and _kept(listing):
        found.append(_entry(resource, rows, listing))
    if get is not None and _kept(get):
        found.append(_entry(resource, f"{rows}/{{{resource.id_parameter}}}", get))
    return tuple(found)


def _entry(resource: Resource, path: str, operation: GetOperation | ListOperation) -> Kept:
    return Kept(
        path=path,
        namespace=resource.plural,
        seconds=operation.cache.server,
        cache_control=cache_control(operation.cache, public=operation.public),
        public=operation.public,
        tenant=resource.tenant,
        deprecated=_deprecated(operation.deprecated),
    )


def _deprecated(told: Deprecation | None) -> str:
    if told is None:
        return ""
    days = [f'date.fromisoformat("{day}")' for day in (told.since, told.sunset) if day is not None]
    return ", ".join([*days, *([f"link={text_literal(told.link)}"] if told.link else [])])


def _kept(operation: GetOperation | ListOperation) -> bool:
    """Only answers that are the same for everybody who may read; a limit of its own has to count every request."""
    wide = not {"public", "authenticated", "tenant"}.isdisjoint(operation.access)
    return operation.cache.server > 0 and wide and operation.rate_limit is None


def dropped(blueprint: Blueprint, resource: Resource, operation: Operation) -> tuple[str, ...]:
    """The namespaces whose answers can contain rows that a write changes."""
    changed = {resource.name}
    if operation is resource.operations.delete:
        changed = _with_children(blueprint, resource)
    return tuple(
        shown.plural
        for shown in blueprint.resources.values()
        if kept_reads(blueprint, shown) and not changed.isdisjoint(_contents(blueprint, shown))
    )


def _contents(blueprint: Blueprint, shown: Resource) -> set[str]:
    """The resources whose rows stand in kept answers of one."""
    listing = shown.operations.list
    embedded = {shown.belongs_to[name].resource for name in listing.embed} if listing and _kept(listing) else set()
    return {shown.name, *embedded}


def _with_children(blueprint: Blueprint, resource: Resource) -> set[str]:
    """The resources whose rows change when one of these is deleted, itself included."""
    changed: set[str] = set()
    going = [resource]
    while going:
        parent = going.pop()
        changed.add(parent.name)
        for child, name in references(blueprint, parent):
            on_delete = child.belongs_to[name].on_delete
            if on_delete is OnDelete.CASCADE and child.name not in changed:
                going.append(child)
            elif on_delete is OnDelete.SET_NULL:
                changed.add(child.name)
    return changed
