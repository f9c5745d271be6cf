"""Everything a well-formed blueprint can still get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

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

CHECKS: Final[tuple[Callable[[Blueprint], Iterator[Problem]], ...]] = (
    check_names,
    check_clashes,
    check_fields,
    check_relations,
    check_ownership,
    check_deletion,
    check_unique,
    check_access,
    check_operations,
    check_lists,
)


def check_blueprint(blueprint: Blueprint) -> list[Problem]:
    """All problems of a blueprint whose names are filled in, with paths but without places."""
    return [problem for check in CHECKS for problem in check(blueprint)]
