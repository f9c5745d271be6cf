"""Access rules: words that mean something here, and nobody reads on a side way what is closed to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import ListOperation, Operation
from knowledge.blueprint.problems import Path, Problem, choice, quoted

WIDE: Final = ("public", "authenticated", "tenant")
"""Rules that say nothing more beside others, or beside which the others say nothing more."""
WORDS: Final = (*WIDE, "owner", "role:<name>")

_ROLE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_MAX_ROLE = 40


def check_access(blueprint: Blueprint) -> Iterator[Problem]:
    """``access`` of every operation, and ``tenant`` of every resource."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        if resource.tenant and blueprint.auth.scheme == "none":
            told = "With auth.scheme none no caller is known, so no row has a tenant."
            yield Problem((*path, "tenant"), told, "Delete it, or write auth: {scheme: jwt}.")
        for name, operation in resource.operations.offered.items():
            where = (*path, "operations", name, "access")
            if blueprint.auth.scheme == "none":
                if operation.access != ("public",):
                    told = "With auth.scheme none every operation is public."
                    yield Problem(where, told, "Write access: [public], or auth: {scheme: jwt}.")
                continue
            yield from _rules(where, resource, operation)
            if name == "create" and resource.owner and operation.public:
                told = "A row made without a token would have no owner."
                yield Problem(where, told, "Write access: [owner], or delete the owner of the resource.")
        yield from _update(path, resource)


def _rules(path: Path, resource: Resource, operation: Operation) -> Iterator[Problem]:
    if not operation.access:
        told = "Nobody may: the list is empty."
        yield Problem(path, told, f"Write one or more of: {', '.join(WORDS)}; or delete the operation.")
    for index, rule in enumerate(operation.access):
        where = (*path, str(index))
        if rule in operation.access[:index]:
            yield Problem(where, f"{quoted(rule)} stands in the list twice.", "Delete one of the two.")
        elif rule in WIDE and len(operation.access) > 1:
            told = f"{rule} lets in everybody whom the rules beside it let in."
            yield Problem(where, told, f"Write access: [{rule}], or delete {rule}.")
        else:
            yield from _rule(where, resource, rule)


def _rule(path: Path, resource: Resource, rule: str) -> Iterator[Problem]:
    if rule.startswith("role:"):
        role = rule.removeprefix("role:")
        if not _ROLE.fullmatch(role) or len(role) > _MAX_ROLE:
            told = f"{quoted(role)} cannot be the name of a role."
            yield Problem(path, told, f"Write small letters, digits, - and _, at most {_MAX_ROLE}, as in role:staff.")
    elif rule not in WORDS:
        yield Problem(path, f"{quoted(rule)} is no access rule.", _meant(rule))
    elif rule == "public" and resource.tenant:
        told = f"Rows of {resource.name} belong to tenants, so no caller without one may."
        yield Problem(path, told, "Write tenant for every member of the tenant.")
    elif rule == "tenant" and not resource.tenant:
        told = f"Rows of {resource.name} belong to no tenant."
        yield Problem(path, told, f"Write authenticated, or tenant: true for {resource.name}.")
    elif rule == "owner" and not resource.owner:
        told = f"Rows of {resource.name} have no owner."
        yield Problem(path, told, f"Write owner: owner_id for {resource.name}, or another rule here.")


def _meant(rule: str) -> str:
    """Known rules; a word that is none at all is most likely the name of a role."""
    near = choice(rule, list(WORDS), "")
    if near.startswith("Did") or not _ROLE.fullmatch(rule):
        return near
    return f"{near} For a role write role:{rule[:_MAX_ROLE]}."


def _update(path: Path, resource: Resource) -> Iterator[Problem]:
    """An update answers with the row, so it must not open what ``get`` keeps closed."""
    update, get = resource.operations.update, resource.operations.get
    for index, rule in enumerate(update.access if update and get else ()):
        if get is not None and not _opened(rule, get.access):
            told = f"Callers let in by {quoted(rule)} may change a row that they may not get."
            remedy = f"Write {rule} in operations.get.access as well, or delete it here."
            yield Problem((*path, "operations", "update", "access", str(index)), told, remedy)


def _opened(rule: str, access: tuple[str, ...]) -> bool:
    """Whether everybody whom a rule lets in is let in by the access rules of another operation."""
    return not {"public"}.isdisjoint(access) if rule == "public" else not {rule, *WIDE}.isdisjoint(access)


def reads_what_it_shows(blueprint: Blueprint, resource: Resource, operation: Operation, relation: str) -> str:
    """Which of an operation's rules lets in callers who may not read the rows a relation leads to.

    Empty where there is none. An owner may read the row that says whose theirs is, where owners may read it.
    """
    belongs = resource.belongs_to.get(relation) or resource.many_to_many[relation]
    read = blueprint.resources[belongs.resource].reading
    opened = read.access if read else ()
    if resource.owner != relation or isinstance(read, ListOperation):
        opened = tuple(rule for rule in opened if rule != "owner")
    return next((rule for rule in operation.access if not _opened(rule, opened)), "")
