"""Taking out of a blueprint's plain data what its checks complain of."""

from __future__ import annotations

from typing import Any

from knowledge.blueprint.checks import check_blueprint
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Path
from knowledge.blueprint.reader import named
from knowledge.blueprint_from_schema.notes import Notes

ROUNDS = 200
"""Each takes out one thing of every resource at least, so this ends for any schema."""

_WHOLE = ("resource", "type", "operations", "fields")
"""Parts that cannot be missing: what holds them goes instead."""


def pruned(data: dict[str, Any], subjects: dict[str, str], notes: Notes) -> Blueprint | None:
    """The checked blueprint; ``None`` where nothing is left of it. ``subjects``: tables by resource."""
    for _ in range(ROUNDS):
        _drop_empty(data, subjects, notes)
        if not data["resources"]:
            return None
        blueprint = named(Blueprint.model_validate(data))
        problems = check_blueprint(blueprint)
        if not problems:
            return blueprint
        for path, problem in {problem.path[1]: (problem.path, problem) for problem in reversed(problems)}.values():
            notes.add(subjects.get(path[1], path[1]), f"{'.'.join(path[2:]) or path[1]} is left out: {problem.message}")
            _delete(data, path)
    return None


def _drop_empty(data: dict[str, Any], subjects: dict[str, str], notes: Notes) -> None:
    for name in [name for name, resource in data["resources"].items() if not resource["fields"]]:
        del data["resources"][name]
        notes.add(subjects[name], "holds no values beside keys and moments, so it cannot be a resource")


def _delete(data: Any, path: Path) -> None:
    """Take out what stands at a path, or the deepest part of the path that exists and can be missing."""
    inmost = [data]
    for part in path:
        if not _holds(inmost[-1], part):
            break
        inmost.append(inmost[-1][int(part)] if isinstance(inmost[-1], list) else inmost[-1][part])
    depth = len(inmost) - 2
    while depth > 0 and path[depth] in _WHOLE:
        depth -= 1
    holder, part = inmost[depth], path[depth]
    del holder[int(part) if isinstance(holder, list) else part]


def _holds(value: Any, part: str) -> bool:
    if isinstance(value, list):
        return part.isdigit() and int(part) < len(value)
    return isinstance(value, dict) and part in value
