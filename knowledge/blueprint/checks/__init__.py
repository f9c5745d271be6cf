"""Everything a well-formed blueprint can still get wrong."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.checks.access import check_access
from knowledge.blueprint.checks.clashes import check_clashes
from knowledge.blueprint.checks.deletion import check_deletion
from knowledge.blueprint.checks.fields import check_fields
from knowledge.blueprint.checks.lists import check_lists
from knowledge.blueprint.checks.names import check_names
from knowledge.blueprint.checks.operations import check_operations
from knowledge.blueprint.checks.ownership import check_ownership
from knowledge.blueprint.checks.relations import check_relations
from knowledge.blueprint.checks.unique import check_unique
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Problem


def check_blueprint(blueprint: Blueprint) -> list[Problem]:
    """All problems of a blueprint whose names are filled in, with paths but without places."""
    return list(_problems(blueprint))


def _problems(blueprint: Blueprint) -> Iterator[Problem]:
    yield from check_names(blueprint)
    yield from check_clashes(blueprint)
    yield from check_fields(blueprint)
    yield from check_relations(blueprint)
    yield from check_ownership(blueprint)
    yield from check_deletion(blueprint)
    yield from check_unique(blueprint)
    yield from check_access(blueprint)
    yield from check_operations(blueprint)
    yield from check_lists(blueprint)
