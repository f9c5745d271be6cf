"""Lists and links: what they are filtered, sorted and searched by, and what comes along in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knowledge.blueprint.checks.access import reads_what_it_shows
from knowledge.blueprint.checks.unique import MAX_CHARACTERS
from knowledge.blueprint.checks.words import RESERVED_PARAMETERS
from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import ListOperation, Pagination
from knowledge.blueprint.problems import Path, Problem, choice, quoted

_LONG = (FieldType.TEXT, FieldType.JSON)
_WORDS = (FieldType.STRING, FieldType.TEXT)


def check_lists(blueprint: Blueprint) -> Iterator[Problem]:
    """Every list operation, and what many-to-many relations show."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        if (listing := resource.operations.list) is not None:
            where = (*path, "operations", "list")
            yield from _sizes(where, listing)
            yield from _filter((*where, "filter"), resource, listing)
            yield from _sort((*where, "sort"), resource, listing)
            yield from _named((*where, "search"), resource, listing.search, _searchable)
            yield from _embed((*where, "embed"), blueprint, resource, listing)
        for name, link in resource.many_to_many.items():
            if resource.operations.get is None or link.resource not in blueprint.resources:
                continue
            rule = reads_what_it_shows(blueprint, resource, resource.operations.get, name)
            if rule:
                told = f"Callers let in by {quoted(rule)} would list rows of {link.resource} that they may not get."
                remedy = f"Write the rule in {link.resource}.operations.get.access, or a narrower one for get here."
                yield Problem((*path, "many_to_many", name), told, remedy)


def _sizes(path: Path, listing: ListOperation) -> Iterator[Problem]:
    if listing.default_limit > listing.max_limit:
        told = f"default_limit is {listing.default_limit}, but max_limit is {listing.max_limit}."
        yield Problem((*path, "default_limit"), told, f"Write at most {listing.max_limit}, or a larger max_limit.")


def _filter(path: Path, resource: Resource, listing: ListOperation) -> Iterator[Problem]:
    yield from _named(path, resource, listing.filter, _comparable, relations=True)
    for index, name in enumerate(listing.filter):
        if name in RESERVED_PARAMETERS and name in resource.fields:
            told = f"Lists have a parameter {name} of their own."
            yield Problem((*path, str(index)), told, f"Rename the field, as in {name}_value, or delete it here.")


def _sort(path: Path, resource: Resource, listing: ListOperation) -> Iterator[Problem]:
    if listing.sort and listing.pagination is Pagination.CURSOR:
        told = "A list with cursors has one order, newest first."
        yield Problem(path, told, "Delete sort, or write pagination: offset.")
    yield from _named(path, resource, listing.sort, _comparable)


def _named(
    path: Path,
    resource: Resource,
    names: tuple[str, ...],
    unfit: Callable[[FieldSpec], str],
    *,
    relations: bool = False,
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        where = (*path, str(index))
        spec = resource.fields.get(name)
        if name in names[:index]:
            yield Problem(where, f"{quoted(name)} stands in the list twice.", "Delete one of the two.")
        elif spec is None and not (relations and name in resource.belongs_to):
            fitting = [key for key, field in resource.fields.items() if not unfit(field)]
            known = [*fitting, *(resource.belongs_to if relations else ())]
            kind = "field or relation" if relations else "field"
            remedy = choice(name.lstrip("-").removesuffix("_id"), known, "Delete it.")
            yield Problem(where, f"{resource.name} has no {kind} {quoted(name)}.", remedy)
        elif spec is not None and (told := unfit(spec)):
            yield Problem(where, f"{name} {told}.", "Delete it here.")


def _comparable(spec: FieldSpec) -> str:
    if spec.write_only:
        return "is write_only, and the answer would tell its value"
    if spec.type is FieldType.STRING and spec.longest > MAX_CHARACTERS:
        return f"has up to {spec.longest:,} characters, too many for an index (at most {MAX_CHARACTERS})"
    return f"is of type {spec.type}, which is not compared" if spec.type in _LONG else ""


def _searchable(spec: FieldSpec) -> str:
    if spec.write_only:
        return "is write_only, and the answer would tell its value"
    return "" if spec.type in _WORDS else f"is of type {spec.type}; only string and text are searched"


def _embed(path: Path, blueprint: Blueprint, resource: Resource, listing: ListOperation) -> Iterator[Problem]:
    for index, name in enumerate(listing.embed):
        where = (*path, str(index))
        relation = resource.belongs_to.get(name)
        if relation is None:
            remedy = choice(name.removesuffix("_id"), list(resource.belongs_to), "Delete it.")
            yield Problem(where, f"{resource.name} has no belongs_to relation {quoted(name)}.", remedy)
        elif name in listing.embed[:index]:
            yield Problem(where, f"{quoted(name)} stands in the list twice.", "Delete one of the two.")
        elif relation.resource in blueprint.resources and (
            rule := reads_what_it_shows(blueprint, resource, listing, name)
        ):
            told = f"Callers let in by {quoted(rule)} would see rows of {relation.resource} that they may not get."
            remedy = f"Delete it here, or write the rule in {relation.resource}.operations.get.access."
            yield Problem(where, told, remedy)
