"""How full the tables of a design are taken to be, where nobody says."""

from __future__ import annotations

from typing import Final

from knowledge.blueprint.identifiers import link_table
from knowledge.blueprint.model import Blueprint

ROOTS: Final = 100_000
"""Rows of what belongs to nothing."""
FACTOR: Final = 10
"""Rows of a child for each of its parent."""
MOST: Final = 10_000_000


def table_sizes(blueprint: Blueprint) -> dict[str, int]:
    """Rows by table: ten children for each parent, level by level; links as many as the fuller side has rows."""
    depths = {name: _depth(blueprint, name, frozenset()) for name in blueprint.resources}
    found = {blueprint.resources[name].table: min(MOST, ROOTS * FACTOR**depth) for name, depth in depths.items()}
    for resource in blueprint.resources.values():
        for relation, link in resource.many_to_many.items():
            ends = (resource.table, blueprint.resources[link.resource].table)
            found[link_table(resource, relation)] = max(found[end] for end in ends)
    return found


def _depth(blueprint: Blueprint, name: str, seen: frozenset[str]) -> int:
    parents = {relation.resource for relation in blueprint.resources[name].belongs_to.values()} - seen - {name}
    return max((1 + _depth(blueprint, parent, seen | {name}) for parent in parents), default=0)
