"""Where a review stands in a script: what the script created so far, and which transaction is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from knowledge.ddl import enum_name, table_name
from knowledge.rules.rule import StatementContext
from knowledge.schema import Relation, Schema
from knowledge.statement import Script, Statement
from knowledge.trace import StatementTrace

EMPTY = Schema()
_OPENS = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_CLOSES = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"})


@dataclass
class Position:
    """A cursor over one script.

    ``transactional`` says that whoever runs the script wraps it in a transaction; BEGIN and COMMIT in the text
    are followed either way.
    """

    script: Script
    transactional: bool = False
    version: int = 18
    in_transaction: bool = field(init=False)
    _created: set[str] = field(default_factory=set)
    _frozen: frozenset[str] | None = frozenset()
    _earlier: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.in_transaction = self.transactional

    @property
    def created(self) -> frozenset[str]:
        """Tables the script made so far, temporary ones included."""
        if self._frozen is None:
            self._frozen = frozenset(self._created)
        return self._frozen

    def context(
        self,
        statement: Statement,
        trace: StatementTrace | None = None,
        before: Schema = EMPTY,
        after: Schema = EMPTY,
        derived: Callable[[str], Relation | None] | None = None,
    ) -> StatementContext:
        """What the rules may look at, with the script standing just before ``statement``."""
        known = {"derived": derived} if derived is not None else {}
        return StatementContext(
            statement=statement,
            trace=trace,
            before=before,
            after=after,
            created=self.created,
            earlier=tuple(self._earlier),
            in_transaction=self.in_transaction,
            script=self.script,
            version=self.version,
            **known,
        )

    def advance(self, statement: Statement) -> None:
        """Step over ``statement``."""
        node = statement.node
        if statement.kind == "TransactionStmt" and node is not None:
            self._follow(enum_name(node, "kind"))
            return
        if self.in_transaction or self._outlasts(statement):
            self._earlier.append(statement)
        for name in _creates(statement.kind, node):
            self._created.add(name)
            self._frozen = None
        if statement.kind == "RenameStmt" and enum_name(node, "rename_type") == "OBJECT_TABLE":
            old = table_name(node.relation)
            if old in self._created:
                self._created.add(f"{old.partition('.')[0]}.{node.newname}")
                self._frozen = None

    def _outlasts(self, statement: Statement) -> bool:
        """Whether a statement outside any transaction matters to later ones: settings stay with the session, and
        what was said about the first ALTER TABLE need not be said again."""
        if statement.kind == "VariableSetStmt":
            return True
        return statement.kind == "AlterTableStmt" and table_name(statement.node.relation) not in self._created

    def _follow(self, word: str) -> None:
        if word in _OPENS:
            self.in_transaction = True
            self._earlier.clear()
        elif word in _CLOSES:
            self.in_transaction = False
            self._earlier.clear()


def _creates(kind: str, node: Any) -> list[str]:
    if node is None:
        return []
    if kind == "CreateStmt":
        return [table_name(node.relation)]
    if kind == "CreateTableAsStmt":
        return [table_name(node.into.rel)]
    if kind == "SelectStmt" and node.HasField("into_clause"):
        return [table_name(node.into_clause.rel)]
    if kind == "CreateSchemaStmt":
        elements = [item.create_stmt for item in node.schema_elts if item.WhichOneof("node") == "create_stmt"]
        return [f"{item.relation.schemaname or node.schemaname}.{item.relation.relname}" for item in elements]
    return []
