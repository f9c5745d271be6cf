"""Telling the author's mistakes from what merely is not in the input.

A snippet may call a function that exists in the real database. That it fails here says nothing about it, and is
reported as not tested, never as a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.ddl import commands, same_table
from knowledge.identifiers import qualified
from knowledge.rules.rule import StatementContext
from knowledge.statement import Statement
from knowledge.synthesis.uses import Scope, uses
from knowledge.trace import SqlError

UNDEFINED = frozenset({"42883", "42704", "42P01", "42703", "3F000", "42P02"})
"""undefined function, object, table, column, schema, parameter."""

_ALWAYS_OUTSIDE = frozenset({"42883", "42704"})
_SHAPE_ERRORS = frozenset({"42703", "42804", "42846", "42601", "42P10", "42830"})
"""undefined column, datatype mismatch, cannot coerce, syntax (too few columns), no matching unique constraint."""
_DATA_ERRORS = ("22", "23")
_NEEDS_ONLY_ROWS = "23502"
_NAMES = re.compile(r'"([^"]+)"')


@dataclass
class Gaps:
    """What a load learned about the limits of its input.

    ``assumed`` holds the tables that were made up, by qualified name.
    """

    assumed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    """Columns the script itself drops or renames: missing them is its own mistake."""
    not_tested: list[str] = field(default_factory=list)
    _failed: dict[str, Statement] = field(default_factory=dict)
    """Objects whose creation failed, and where: what needs them fails too and says nothing new."""

    def explains(self, context: StatementContext) -> bool:
        """Whether an error comes from a gap in the input; it is noted as not tested then."""
        error = context.trace.error if context.trace else None
        if error is None:
            return False
        reason = self._reason(error, context.statement)
        if not reason:
            self._remember(context.statement)
            return False
        self.not_tested.append(f"{at(context.statement)}: {error.message}; {reason}")
        self._remember(context.statement)
        return True

    def _reason(self, error: SqlError, statement: Statement) -> str:
        if error.sqlstate in UNDEFINED:
            named = set(_NAMES.findall(error.message)) | set(re.findall(r"[\w.]+", error.message))
            culprit = next((made for name, made in self._failed.items() if name in named), None)
            if culprit is not None:
                return f"it needs what {at(culprit)} failed to create"
        if error.sqlstate in _ALWAYS_OUTSIDE:
            return "nothing in the input creates it"
        if error.sqlstate in ("42P01", "3F000") and statement.kind in ("DropStmt", "RefreshMatViewStmt", "CommentStmt"):
            return "nothing in the input creates it"
        if statement.kind == "CreateExtensionStmt":
            return "this extension is not installed here"
        own_mistake = self.removed & set(_NAMES.findall(error.message))
        if error.sqlstate in _SHAPE_ERRORS and not own_mistake and self._made_up(statement):
            return "the columns it uses were made up"
        if self.rows_at_fault(error, statement):
            return "the rows it failed on were made up"
        return ""

    def rows_at_fault(self, error: SqlError, statement: Statement) -> bool:
        """Whether a statement failed on values that were made up."""
        invented = error.sqlstate.startswith(_DATA_ERRORS) and error.sqlstate != _NEEDS_ONLY_ROWS
        return invented and bool(self._made_up(statement))

    def emptying(self, error: SqlError, statement: Statement) -> str:
        """SQL that takes the made-up rows out of a failed statement's way; empty where they are not at fault."""
        if not self.rows_at_fault(error, statement):
            return ""
        return ";".join(f"DELETE FROM {qualified(*name.split('.', 1))}" for name in self._made_up(statement))

    def _made_up(self, statement: Statement) -> list[str]:
        return [name for name in tables_of(statement) if self.is_assumed(name)]

    def is_assumed(self, table: str) -> bool:
        """Whether a table was made up."""
        return any(same_table(table, name) for name in self.assumed)

    def _remember(self, statement: Statement) -> None:
        node = statement.node
        if node is None:
            return
        for part in ("relation", "view", "typevar"):
            if (
                statement.kind in ("CreateStmt", "ViewStmt", "CompositeTypeStmt")
                and part in node.DESCRIPTOR.fields_by_name
            ):
                self._failed.setdefault(getattr(node, part).relname, statement)
        for part in ("funcname", "type_name", "domainname"):
            if statement.kind.startswith("Create") and part in node.DESCRIPTOR.fields_by_name:
                names = getattr(node, part)
                if hasattr(names, "__len__") and len(names):
                    self._failed.setdefault(names[-1].string.sval, statement)


def removed_columns(statements: Iterable[Statement]) -> frozenset[str]:
    """Names of all columns that the statements drop or rename."""
    names = set()
    for statement in statements:
        if statement.kind == "RenameStmt":
            names.add(statement.node.subname)
        elif statement.kind == "AlterTableStmt":
            names |= {command.name for kind, command in commands(statement.node) if kind == "AT_DropColumn"}
    return frozenset(names)


def at(statement: Statement) -> str:
    """Where a statement stands, for a sentence: ``line 3`` or ``db/a.sql:3``."""
    place = statement.location
    return f"{place.path}:{place.line}" if place.path else f"line {place.line}"


def tables_of(statement: Statement) -> list[str]:
    """Every table a statement names."""
    if statement.node is None:
        return []
    return [f"{use.table[0] or 'public'}.{use.table[1]}" for use in uses(statement.node, Scope()) if not use.column]
