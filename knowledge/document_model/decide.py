"""Embed or reference: decided from a blueprint's own words, and from what is known of the numbers of rows.

Rows are embedded where they are few, small, die with their parent, are read with it, and nothing else points to them
(https://www.mongodb.com/docs/manual/data-modeling/concepts/embedding-vs-references/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import BelongsTo, Blueprint, OnDelete, Resource
from knowledge.blueprint.table import Table
from knowledge.blueprint.tables import tables
from knowledge.document_model.decision import Decision, DocumentModel, Placement
from knowledge.document_model.size import document_size, identifier_size, room


def document_model(blueprint: Blueprint, most: Mapping[str, int] | None = None) -> DocumentModel:
    """A decision for every relation.

    Args:
        blueprint: what is to be stored.
        most: how many rows one parent has at most, by ``<resource>.<relation>`` (``order_line.order``: lines of an
            order; ``post.tags``: tags of a post), where that is known.
    """
    known = most or {}
    made = {table.resource: table for table in tables(blueprint) if table.resource}
    found: list[Decision] = []
    embedded: dict[str, str] = {}
    for name, resource in blueprint.resources.items():
        for relation, belongs in resource.belongs_to.items():
            facts = _facts(blueprint, resource, relation, belongs, made, known.get(f"{name}.{relation}", 0))
            decision = _belongs(facts, embedded)
            if decision.placement is Placement.EMBED:
                embedded[name] = facts.parent
            found.append(decision)
        for relation, link in resource.many_to_many.items():
            relation_most = known.get(f"{name}.{relation}", 0)
            found.append(_link(resource, relation, blueprint.resources[link.resource], made[name], relation_most))
    return DocumentModel(tuple(found))


@dataclass(frozen=True)
class _Facts:
    relation: str
    child: str
    parent: str
    children: str
    """The word for several rows."""
    most: int
    bound: str
    """Why there are no more than ``most``."""
    size: int
    fits: int
    dies: bool
    pointing: tuple[str, ...]
    apart: bool
    """Rows are listed across all parents, not within one."""


def _facts(
    blueprint: Blueprint, resource: Resource, relation: str, belongs: BelongsTo, made: Mapping[str, Table], said: int
) -> _Facts:
    most, bound = _bound(resource, relation)
    if said and (not most or said < most):
        most, bound = said, "is known to have"
    column = f"{relation}_id"
    size = document_size(made[resource.name], without=column)
    return _Facts(
        relation=f"{resource.name}.{relation}",
        child=resource.name,
        parent=belongs.resource,
        children=resource.plural.replace("_", " "),
        most=most,
        bound=bound,
        size=size,
        fits=room(made[belongs.resource], size),
        dies=belongs.required and belongs.on_delete is OnDelete.CASCADE,
        pointing=tuple(_pointing(blueprint, resource.name)),
        apart=resource.operations.list is not None and not belongs.nested,
    )


def _bound(resource: Resource, relation: str) -> tuple[int, str]:
    """How many rows a parent has at most by what is unique, 0 for any number, and why."""
    for group in resource.unique:
        others = [name for name in group if name != relation]
        if relation not in group or any(name in resource.belongs_to for name in others):
            continue
        counts = [_values(resource, name) for name in others]
        if all(counts):
            number = 1
            for count in counts:
                number *= count
            return number, f"has, since {', '.join(group)} are unique together," if others else "has"
    return 0, ""


def _values(resource: Resource, name: str) -> int:
    """How many values a field can have, 0 for many."""
    spec = resource.fields[name]
    if spec.type is FieldType.ENUM:
        return len(spec.values) + (not spec.required)
    if spec.type is FieldType.BOOLEAN:
        return 2 + (not spec.required)
    if spec.type is FieldType.INTEGER and spec.minimum is not None and spec.maximum is not None:
        count = int(spec.maximum - spec.minimum) + 1
        return count if count <= 1_000 else 0
    return 0


def _pointing(blueprint: Blueprint, name: str) -> Iterator[str]:
    for other in blueprint.resources.values():
        targets = {each.resource for each in other.belongs_to.values()}
        if name in targets | {each.resource for each in other.many_to_many.values()}:
            yield other.name


def _belongs(facts: _Facts, embedded: Mapping[str, str]) -> Decision:
    placement, reason, flip = _judged(facts, embedded)
    return Decision(facts.relation, facts.child, facts.parent, placement, reason, flip, facts.most)


def _judged(facts: _Facts, embedded: Mapping[str, str]) -> tuple[Placement, str, str]:
    child, parent, children = (word.replace("_", " ") for word in (facts.child, facts.parent, facts.children))
    one, whole = article(child), article(parent)
    number = f"{facts.fits:,} {children} of up to {facts.size:,} bytes fit into the 16 MB of a document"
    keep = Placement.REFERENCE
    if facts.child == facts.parent:
        told = f"{one.capitalize()} that held others of its kind would grow without end."
        return keep, told, f"{children} were one level deep and few"
    if facts.pointing:
        words = " and ".join(name.replace("_", " ") for name in facts.pointing)
        verb = "points" if len(facts.pointing) == 1 else "point"
        told = f"{one.capitalize()} needs a life of its own: {words} {verb} to it."
        return keep, told, f"nothing else pointed to {one}"
    if not facts.dies:
        told = f"{one.capitalize()} outlives its {parent}, or keeps it from being deleted."
        return keep, told, f"every {child} were deleted with its {parent} (required, on_delete: cascade)"
    if facts.child in embedded:
        other = embedded[facts.child].replace("_", " ")
        told = f"{one.capitalize()} is part of its {other} already, and cannot be in two documents."
        return keep, told, f"it were read with its {parent} rather than with its {other}"
    if not facts.most:
        told = f"Nothing bounds how many {children} {whole} gets; {number}."
        return keep, told, f"{whole} were known to have at most a number that fits"
    if facts.most > facts.fits:
        told = f"{whole.capitalize()} can have {facts.most:,} {children}, but only {number}."
        return keep, told, f"{whole} had at most {facts.fits:,}"
    if facts.apart:
        told = f"{children.capitalize()} are listed across all {parent} rows, not within one."
        return keep, told, f"they were listed within their {parent} (nested: true)"
    told = f"{whole.capitalize()} {facts.bound} at most {facts.most:,} {children}, read and deleted with it; {number}."
    return Placement.EMBED, told, f"something else pointed to {one}, or {whole} had over {facts.fits:,} of them"


def article(word: str) -> str:
    """``an order``, ``a user``."""
    vowel = word[:1] in "aeiou" and not word.startswith(("uni", "us", "eu", "one"))
    return f"{'an' if vowel else 'a'} {word}"


def _link(resource: Resource, relation: str, other: Resource, table: Table, most: int) -> Decision:
    fits = room(table, identifier_size())
    name, far = resource.name.replace("_", " "), other.plural.replace("_", " ")
    one = article(name)
    if most > fits:
        told = f"{one.capitalize()} can have {most:,} {far}, but only {fits:,} ids fit into the 16 MB of a document."
        placement, flip = Placement.PAIRS, f"{one} had at most {fits:,}"
    else:
        told = f"A pair has no values of its own and is read from the {name}, so the {name} holds the ids of its {far}."
        placement, flip = Placement.IDS, f"{one} had more than {fits:,} {far}, or pairs had values of their own"
    return Decision(f"{resource.name}.{relation}", other.name, resource.name, placement, told, flip, most)
