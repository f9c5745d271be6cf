"""How the breaking rules read the syntax tree and phrase what the catalog lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import enum_name, table_name
from knowledge.rules.rule import Confirmation, StatementContext
from knowledge.schema import Schema


def dropped_names(node: Any) -> Iterator[str]:
    """Qualified names in a DROP statement."""
    for item in node.objects:
        parts = [part.string.sval for part in item.list.items]
        if parts:
            yield ".".join(parts[-2:]) if len(parts) > 1 else f"public.{parts[0]}"


def confirm_by_catalog(context: StatementContext, lost: str, note: str = "") -> Confirmation:
    """The confirmation of a change that both catalogs were compared for."""
    also = lost_besides(context.before, context.after)
    result = lost + (f"; {note}" if note else "") + (f"; gone with it: {', '.join(also)}" if also else "")
    return Confirmation("compared the catalog before and after executing the statement", result)


def lost_besides(before: Schema, after: Schema, limit: int = 6) -> list[str]:
    """Views and foreign keys that the later catalog no longer has, on tables it still has."""
    lost = [f"view {view}" for view in before.views if view not in after.views]
    for table in before.tables:
        now = after.by_name.get(table.qualified)
        if now is None:
            continue
        kept = {constraint.name for constraint in now.constraints}
        lost += [
            f"foreign key {key.name} on {table.qualified}"
            for key in table.constraints_of("foreign")
            if key.name not in kept
        ]
    return [*lost[:limit], f"{len(lost) - limit} more"] if len(lost) > limit else lost


__all__ = ["confirm_by_catalog", "dropped_names", "enum_name", "lost_besides", "table_name"]
