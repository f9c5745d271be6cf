"""Safe ways to do what one ALTER TABLE does: steps that leave the same catalog behind.

Every sub-command that has a safe way takes it, the others stay as they are, in their order: a rewrite never
leaves a part of the statement out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.ddl import commands
from knowledge.report import Fix, Step
from knowledge.rewrites.columns import add_column, set_not_null
from knowledge.rewrites.constraints import add_constraint
from knowledge.rewrites.target import Target
from knowledge.rules.rule import StatementContext

Recipe = Callable[[Target, Any], "list[Step] | None"]
RECIPES: dict[str, Recipe] = {
    "AT_AddColumn": add_column,
    "AT_AddConstraint": add_constraint,
    "AT_SetNotNull": set_not_null,
}
"""How a sub-command is done safely: its steps, or ``None`` where it is safe as it stands or has no safe way."""


def safe_fix(context: StatementContext, summary: str) -> Fix | None:
    """The whole ALTER TABLE as safe steps; ``None`` where no part of it has a safe way."""
    steps = safe_steps(context)
    return Fix(summary=summary, steps=steps) if steps else None


def safe_steps(context: StatementContext) -> list[Step]:
    """The steps, or ``[]`` where nothing changes. Each step is a transaction of its own."""
    target = Target(context)
    steps: list[Step] = []
    unchanged: list[Any] = []
    rewritten = False
    for kind, command in commands(context.statement.node):
        recipe = RECIPES.get(kind)
        own = recipe(target, command) if recipe else None
        if own is None:
            unchanged.append(command)
            continue
        if unchanged:
            steps.append(target.altering(*unchanged))
            unchanged = []
        steps += own
        rewritten = True
    if unchanged:
        steps.append(target.altering(*unchanged))
    return steps if rewritten else []
