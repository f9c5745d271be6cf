"""Owners: whose a row is has to be clear for every row."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.problems import Path, Problem, choice, quoted

_WORDS = ("owner_id", "self")


def check_ownership(blueprint: Blueprint) -> Iterator[Problem]:
    """``owner`` of every resource."""
    first = next((key for key, resource in blueprint.resources.items() if resource.owner == "self"), "")
    for key, resource in blueprint.resources.items():
        path = ("resources", key, "owner")
        if not resource.owner:
            continue
        if blueprint.auth.scheme == "none":
            told = "With auth.scheme none no caller is known, so no row has an owner."
            yield Problem(path, told, "Delete it, or write auth: {scheme: jwt}.")
        elif resource.owner == "self" and key != first:
            told = f"A caller is a row of {first} already."
            yield Problem(path, told, "Write owner: owner_id, or the name of a relation.")
        elif resource.owner not in (*_WORDS, *resource.belongs_to):
            known = [*resource.belongs_to, *_WORDS]
            told = f"{resource.name} has no belongs_to relation {quoted(resource.owner)}."
            yield Problem(path, told, choice(resource.owner, known, ""))
        elif resource.owner in resource.belongs_to:
            yield from _relation(path, blueprint, resource)


def _relation(path: Path, blueprint: Blueprint, resource: Resource) -> Iterator[Problem]:
    relation = resource.belongs_to[resource.owner]
    own = (*path[:-1], "belongs_to", resource.owner)
    target = blueprint.resources.get(relation.resource)
    if target is not None and target.owner != "self":
        told = f"Callers are no rows of {relation.resource}, so the relation cannot say whose a row is."
        yield Problem(path, told, f"Write owner: self for {relation.resource}, or owner: owner_id here.")
    if not relation.required:
        told = "The relation says whose a row is, so every row needs it."
        yield Problem((*own, "required"), told, "Delete required: false.")
    if relation.immutable:
        told = "The server alone sets whose a row is, so immutable says nothing more."
        yield Problem((*own, "immutable"), told, "Delete it.")
