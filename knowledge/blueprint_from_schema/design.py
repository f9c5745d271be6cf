"""From tables of a schema to a blueprint whose resources they become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge.blueprint.model import MAX_RESOURCES, Blueprint
from knowledge.blueprint.problems import nearest
from knowledge.blueprint_from_schema.naming import resource_name
from knowledge.blueprint_from_schema.notes import Note, Notes
from knowledge.blueprint_from_schema.pruning import pruned
from knowledge.blueprint_from_schema.resources import is_link, link_name, resource_of
from knowledge.schema import Relation, Schema


class UnknownTableError(LookupError):
    """A table the schema does not have; the text names the nearest one it has."""


class NoResourceError(ValueError):
    """None of the tables can be a resource; the text says why."""


def to_blueprint(
    schema: Schema, names: Sequence[str], *, project: str = "backend"
) -> tuple[Blueprint, tuple[Note, ...]]:
    """A blueprint with a resource for each table, and what it cannot say of them.

    Tables that the named ones point to are resources too, so that the references are relations. A table of pairs
    becomes a many-to-many relation of the first table it points to.

    Args:
        schema: what the project has.
        names: tables, as ``schema.table``, or bare where they are in ``public``.
        project: name of the blueprint.

    Raises:
        UnknownTableError: the schema has no such table.
        NoResourceError: there are over 100 tables, or a blueprint can say nothing of any of them.
    """
    notes = Notes()
    chosen = _with_targets(schema, [_find(schema, name) for name in names], notes)
    links = [table for table in chosen if is_link(table)]
    rows = [table for table in chosen if not is_link(table)]
    if not rows or len(rows) > MAX_RESOURCES:
        raise NoResourceError(f"{len(rows)} tables can be resources; a blueprint has 1 to {MAX_RESOURCES} of them")
    called = _called(rows)
    targets = {table.qualified: name for table, (name, _) in zip(rows, called, strict=True)}
    resources: dict[str, Any] = {}
    for table, (name, plural) in zip(rows, called, strict=True):
        resources[name] = resource_of(table, schema, targets, plural, notes).data
    subjects = {name: qualified for qualified, name in targets.items()}
    found = [*links, *(table for table in schema.tables if is_link(table) and table not in links)]
    _link(resources, found, targets, dict(called), notes)
    blueprint = pruned({"name": project, "resources": resources}, subjects, notes)
    if blueprint is None:
        raise NoResourceError("; ".join(map(str, notes.all())) or "nothing of the tables can be said by a blueprint")
    return blueprint, notes.all()


def _find(schema: Schema, name: str) -> Relation:
    table = schema.table(name)
    if table is not None:
        return table
    bare = [each for each in schema.tables if each.name == name]
    if len(bare) == 1:
        return bare[0]
    known = [each.qualified.removeprefix("public.") for each in schema.tables]
    near = nearest(name, known)
    hint = f"Did you mean {near}?" if near else f"Known: {', '.join(known[:12]) or 'none'}."
    raise UnknownTableError(f"There is no table {name!r}. {hint}")


def _with_targets(schema: Schema, named: list[Relation], notes: Notes) -> list[Relation]:
    """The tables, and after them those they point to."""
    chosen = {table.qualified: table for table in named}
    for table in [*named]:
        ends = [table] if not is_link(table) else []
        for constraint in table.constraints_of("foreign"):
            target = schema.table(constraint.target)
            if target is None or target.qualified in chosen or (ends and len(constraint.columns) > 2):
                continue
            notes.add(target.qualified, f"is part of the blueprint because {table.qualified} points to it")
            chosen[target.qualified] = target
    return list(chosen.values())


def _called(tables: list[Relation]) -> list[tuple[str, str]]:
    """Names and plurals, all different: tables of the same name in two schemas get the schema in front."""
    found: list[tuple[str, str]] = []
    for table in tables:
        name, plural = resource_name(table.name)
        taken = {word for pair in found for word in pair}
        if taken & {name, plural}:
            name, plural = resource_name(f"{table.schema}_{table.name}")
        number = 2
        while taken & {name, plural}:
            name, plural = resource_name(f"{table.name[:30]}_{number}_item")
            number += 1
        found.append((name, plural))
    return found


def _link(
    resources: dict[str, Any], links: list[Relation], targets: dict[str, str], plurals: dict[str, str], notes: Notes
) -> None:
    for table in links:
        first, second = table.constraints_of("foreign")
        near, far = targets.get(first.target), targets.get(second.target)
        if near is None or far is None:
            continue
        name = link_name(table, near, plurals[far])
        held = resources[near]
        if near == far or name in {*held["fields"], *held["belongs_to"], *held["many_to_many"]}:
            notes.add(table.qualified, "pairs rows of one table, or its name is taken: it is not part of the blueprint")
            continue
        held["many_to_many"][name] = {"resource": far}
        if f"{near}_{name}" != table.name:
            notes.add(table.qualified, f"the table of pairs is called {near}_{name} here")
