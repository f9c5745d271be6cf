"""Everything a well-formed blueprint can still get wrong."""

from __future__ import annotations

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Problem


def check_blueprint(blueprint: Blueprint) -> list[Problem]:
    """All problems of a blueprint whose names are filled in."""
    return []
