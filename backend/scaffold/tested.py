"""What the tests of a scaffolded project know of its resources, whatever language they are written in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.scaffold.samples import varies
from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Idempotency, Operation, Pagination


@dataclass(frozen=True)
class Samples:
    """Values as expressions of a language."""

    sample: Callable[[str, FieldSpec], str]
    """A valid value of a field."""
    another: Callable[[str, FieldSpec], str | None]
    """Another one; ``None`` where there may be none."""
    wrong: Callable[[FieldSpec], str | None]
    """One that is not valid; ``None`` where everything is."""
    uses_n: Callable[[str], bool]
    """Whether an expression depends on the number that no test uses twice."""


def creatable(blueprint: Blueprint) -> list[Resource]:
    """Resources whose rows the API itself can make, with all they need, in an order in which parents come first.

    Those of which a caller may have only a few rows, as one for each value of an enum, are left out.
    """
    found: dict[str, Resource] = {}
    waiting = [
        resource
        for resource in blueprint.resources.values()
        if resource.operations.create and all(_tells_apart(blueprint, resource, group) for group in resource.unique)
    ]
    while ready := [resource for resource in waiting if _needs(resource) <= found.keys()]:
        found |= {resource.name: resource for resource in ready}
        waiting = [resource for resource in waiting if resource.name not in found]
    return list(found.values())


def _needs(resource: Resource) -> set[str]:
    return {relation.resource for relation in resource.belongs_to.values() if relation.required}


def _tells_apart(blueprint: Blueprint, resource: Resource, group: Sequence[str]) -> bool:
    """Whether rows made one after the other differ in a group of fields and relations that is unique."""
    if resource.owner == "self":
        return True
    for name in group:
        relation, spec = resource.belongs_to.get(name), resource.fields.get(name)
        if relation and name != resource.owner:
            if not relation.required or blueprint.resources[relation.resource].owner != "self":
                return True
        elif spec and ((varies(spec) and not spec.read_only) or (not spec.required and spec.default is None)):
            return True
    return False


def _distinct(resource: Resource, name: str, spec: FieldSpec) -> FieldSpec:
    """The field, to be filled with values that are no other row's where rows are told apart by it."""
    shared = any(name in group for group in resource.unique)
    return spec.model_copy(update={"unique": True}) if shared and varies(spec) else spec


def factory(blueprint: Blueprint, resource: Resource, samples: Samples) -> dict[str, Any]:
    """What a factory of rows needs to know: what is sent, and what has to be there before."""
    distinct = {name: _distinct(resource, name, spec) for name, spec in resource.fields.items()}
    sent = [
        (name, samples.sample(name, spec))
        for name, spec in distinct.items()
        if not spec.read_only and ((spec.required and spec.default is None) or spec is not resource.fields[name])
    ]
    return {
        "name": resource.name,
        "words": resource.name.replace("_", " "),
        "article": article(resource.name),
        "path": f"{blueprint.prefix}/{resource.path}",
        "owner": resource.owner,
        "owner_parent": resource.belongs_to[resource.owner].resource if resource.owner in resource.belongs_to else "",
        "parents": [
            {"column": f"{name}_id", "resource": relation.resource}
            for name, relation in resource.belongs_to.items()
            if relation.required and name != resource.owner
        ],
        "sent": sent,
        "uses_n": any(samples.uses_n(value) for _, value in sent),
        "idempotent": _idempotent(resource),
    }


def tested(blueprint: Blueprint, resource: Resource, samples: Samples) -> dict[str, Any]:
    """What there is to test of a resource."""
    offered = resource.operations
    return {
        **factory(blueprint, resource, samples),
        "plural": resource.plural,
        "words_plural": resource.plural.replace("_", " "),
        "writer": "manager" if blueprint.auth.scheme != "none" else "anybody",
        "get": offered.get is not None,
        "listed": offered.list is not None,
        "cursor": offered.list is not None and offered.list.pagination is Pagination.CURSOR,
        "wrong": _wrong(resource, samples),
        "unique": _unique(resource),
        "update": _update(resource, samples),
        "delete": offered.delete is not None,
        "locking": resource.optimistic_locking,
        "anonymous": _closed_to_anonymous(resource),
        "tenant": resource.tenant,
        "private": offered.get is not None and set(offered.get.access) == {"owner"},
    }


def _idempotent(resource: Resource) -> bool:
    create = resource.operations.create
    return create is not None and create.idempotency is not Idempotency.NONE


def _wrong(resource: Resource, samples: Samples) -> dict[str, str] | None:
    for name, spec in resource.fields.items():
        value = samples.wrong(spec)
        if value is not None and not spec.read_only:
            return {"name": name, "value": value}
    return None


def _unique(resource: Resource) -> dict[str, str] | None:
    """The first field whose values are unique, where a caller can make more than one row."""
    if resource.owner == "self":
        return None
    names = (name for name, spec in resource.fields.items() if spec.unique and spec.required and not spec.read_only)
    name = next(names, "")
    return {"name": name, "article": article(name)} if name else None


def _update(resource: Resource, samples: Samples) -> dict[str, Any] | None:
    """The first field that an update may change to something else."""
    if resource.operations.update is None or resource.operations.get is None:
        return None
    for name, spec in resource.fields.items():
        value = samples.another(name, spec)
        if value is not None and not spec.immutable and not spec.read_only:
            return {"name": name, "value": value, "uses_n": samples.uses_n(value), "hidden": spec.write_only}
    return None


def _closed_to_anonymous(resource: Resource) -> dict[str, str] | None:
    offered: Iterator[tuple[Operation | None, str, str]] = iter(
        [(resource.operations.create, "post", "make"), (resource.operations.list, "get", "list")]
    )
    for operation, method, verb in offered:
        if operation is not None and not operation.public:
            return {"method": method, "verb": verb}
    return None


def article(word: str) -> str:
    """``a`` or ``an``, by the letter: good enough for names of tests."""
    return "an" if word[:1] in "aeiou" else "a"
