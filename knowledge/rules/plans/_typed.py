"""What the schema says of a column that a plan's condition names."""

from __future__ import annotations

from knowledge.plan.model import Node
from knowledge.rules.plan_rule import PlanContext
from knowledge.schema import Relation


def table_of(context: PlanContext, node: Node) -> Relation | None:
    """The table a node reads, as the schema has it."""
    return context.schema.table(node.relation) if node.relation else None


def column_type(context: PlanContext, node: Node, column: str) -> str:
    """The type of a column (``alias.column`` or ``column``) read by ``node`` or below it; ``""`` if unknown."""
    alias, _, name = column.rpartition(".")
    for reader in node.walk():
        if not reader.relation or (alias and alias.strip('"') not in (reader.alias, reader.text("Relation Name"))):
            continue
        table = table_of(context, reader)
        found = table.column(name.strip('"')) if table else None
        if found is not None:
            return found.type
    return ""
