"""The table an ALTER TABLE is rewritten for, and the statements the steps are made of."""

from __future__ import annotations

from typing import Any

import postgast

from knowledge.ddl import chosen_name, definition, table_name, table_sql
from knowledge.report import Step
from knowledge.rules.rule import StatementContext
from knowledge.schema import Relation

_GRAMMAR = postgast.pg_query_pb2
NO_SCAN = "brief lock, no scan"
OPEN = "scans, but reads and writes pass"
INDEX_LABELS = frozenset({"key", "pkey", "excl", "seq"})


class Target:
    """One ALTER TABLE taken apart.

    ``sql`` is the table as its author wrote it; ``known`` what is known of it, ``version`` the engine's major.
    """

    def __init__(self, context: StatementContext) -> None:
        self.node: Any = context.statement.node
        self.sql = table_sql(self.node.relation)
        self.bare: str = self.node.relation.relname
        self.version = context.version
        self.known: Relation | None = context.table(table_name(self.node.relation))
        self._taken = _names(context, self.known)

    def altering(self, *parts: Any, note: str = "") -> Step:
        """An ALTER TABLE of the same table (ONLY, IF EXISTS included) with these sub-commands."""
        tree = postgast.ParseResult(version=180000)
        node = tree.stmts.add().stmt.alter_table_stmt
        node.CopyFrom(self.node)
        del node.cmds[:]
        for part in parts:
            node.cmds.add().alter_table_cmd.CopyFrom(part)
        return Step(sql=postgast.deparse(tree), note=note)

    def adding(self, constraint: Any, *, note: str = "") -> Step:
        """ADD CONSTRAINT."""
        command = _GRAMMAR.AlterTableCmd(subtype=_GRAMMAR.AT_AddConstraint, behavior=_GRAMMAR.DROP_RESTRICT)
        definition(command).constraint.CopyFrom(constraint)
        return self.altering(command, note=note)

    def text(self, change: str, *, note: str = "") -> Step:
        """An ALTER TABLE whose sub-command is given as text."""
        tree = postgast.parse(f"ALTER TABLE t {change}")
        made = tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd
        return self.altering(made, note=note)

    def free_name(self, columns: tuple[str, ...], label: str) -> str:
        """The name PostgreSQL would choose, given the names in use; it is in use from here on."""
        name = chosen_name(self.bare, columns, label, self._taken[label in INDEX_LABELS])
        for names in self._taken.values():
            names.add(name)
        return name

    def may_hold_null(self, column: str) -> bool:
        """Whether a column is known to be nullable."""
        found = self.known.column(column) if self.known else None
        return found is not None and found.nullable


def _names(context: StatementContext, known: Relation | None) -> dict[bool, set[str]]:
    """Names in use in the table's schema: of constraints, and (``True``) of relations as well."""
    tables = [table for table in context.before.tables if known and table.schema == known.schema]
    tables = tables or ([known] if known else [])
    constraints = {constraint.name for table in tables for constraint in table.constraints}
    relations = {table.name for table in tables} | {index.name for table in tables for index in table.indexes}
    return {False: set(constraints), True: constraints | relations}
