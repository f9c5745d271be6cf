"""What a blueprint decides, and what the project will ask of a machine: figures for whoever agrees to a plan."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import CachePolicy, GetOperation, Idempotency, ListOperation, Operation


def decisions(blueprint: Blueprint) -> dict[str, str]:
    """The decisions in the blueprint that shape the backend, in words."""
    resources = list(blueprint.resources.values())
    links = sum(len(resource.many_to_many) for resource in resources)
    return {
        "resources": str(len(resources)),
        "tables": f"{len(resources) + links}" + (f" ({links} of them link two resources)" if links else ""),
        "operations": str(sum(map(operation_count, resources))),
        "authentication": "bearer token (JWT, HS256)" if blueprint.auth.scheme == "jwt" else "none: every caller may",
        "tenants": _which(resources, lambda resource: resource.tenant) or "none",
        "optimistic locking": _which(resources, lambda resource: resource.optimistic_locking) or "none",
        "soft delete": _which(resources, lambda resource: resource.soft_delete) or "none",
        "events": _which(resources, lambda resource: bool(resource.events)) or "none",
        "cached in the application": _which(resources, lambda one: any(policy.server for policy in caches(one)))
        or "nothing",
        "cached by clients or CDN": _which(
            resources, lambda one: any(policy.max_age or policy.shared_max_age for policy in caches(one))
        )
        or "nothing",
        "idempotency key required": _which(resources, _idempotent) or "nowhere",
        "rate limit": f"{blueprint.rate_limit.requests} requests in {blueprint.rate_limit.seconds} s a caller",
    }


def operations_of(resource: Resource) -> list[Operation]:
    """The operations that a resource offers on its own path."""
    named = resource.operations
    return [one for one in (named.list, named.get, named.create, named.update, named.delete) if one is not None]


def operation_count(resource: Resource) -> int:
    """All operations of a resource, those below its parents and those on its links included."""
    named = resource.operations
    nested = sum(relation.nested for relation in resource.belongs_to.values())
    listed = (named.list is not None) + (named.create is not None)
    linked = (named.get is not None) + 2 * (named.update is not None)
    return len(operations_of(resource)) + nested * listed + len(resource.many_to_many) * linked


def caches(resource: Resource) -> list[CachePolicy]:
    """How the answers of a resource are kept."""
    return [one.cache for one in operations_of(resource) if isinstance(one, GetOperation | ListOperation)]


def asked_of_machine(rendered: Mapping[str, str], texts: Iterable[str]) -> dict[str, str]:
    """What carrying out a plan takes: ``texts`` are those to be written, ``rendered`` tells what installing takes."""
    written = [len(text.encode()) for text in texts]
    files = {"files to write": str(len(written)), "disk": f"{sum(written):,} bytes"}
    if "package.json" in rendered:
        package = json.loads(rendered["package.json"])
        known = len(package["dependencies"]) + len(package["devDependencies"])
        network = f"none now; npm fetches {known} packages later, and what those need"
        return {**files, "Node": package["engines"]["node"], "network": network, "ports": "none"}
    project = _project(rendered.get("pyproject.toml", ""))
    dependencies = [str(item) for item in project.get("dependencies", ())]
    return {
        **files,
        "Python": str(project.get("requires-python", "not stated")),
        "network": f"none now; pip fetches {len(dependencies)} packages later" if dependencies else "none",
        "ports": "none",
    }


def _project(text: str) -> Mapping[str, Any]:
    try:
        found = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _idempotent(resource: Resource) -> bool:
    create = resource.operations.create
    return create is not None and create.idempotency is Idempotency.REQUIRED


def _which(resources: list[Resource], holds: Callable[[Resource], bool]) -> str:
    return ", ".join(resource.name for resource in resources if holds(resource))
