"""A plan as a patch."""

from __future__ import annotations

from difflib import unified_diff

from backend.scaffold.fate import Fate
from backend.scaffold.plan import Plan


def unified(plan: Plan) -> str:
    """What will be written and removed, as ``diff -u`` shows it."""
    parts = []
    for change in plan.changes:
        if change.text is not None or change.fate is Fate.REMOVE:
            parts.append(_diff(change.path, plan.now[change.path].text, change.text))
    return "".join(parts)


def not_written(plan: Plan) -> str:
    """What was rendered but will not be written, held against what is there."""
    return "".join(
        _diff(change.path, plan.now[change.path].text, plan.rendered.get(change.path))
        for change in plan.of(Fate.CONFLICT)
        if change.text is None
    )


def _diff(path: str, before: str | None, after: str | None) -> str:
    lines = unified_diff(
        _lines(before),
        _lines(after),
        "/dev/null" if before is None else f"a/{path}",
        "/dev/null" if after is None else f"b/{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str | None) -> list[str]:
    return (text or "").splitlines(keepends=True)
