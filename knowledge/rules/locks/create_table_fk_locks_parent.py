"""New tables that lock an old one: REFERENCES takes a lock on the table it points at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.ddl import added_constraints, commands, definition, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

FOREIGN = postgast.pg_query_pb2.CONSTR_FOREIGN


def suspect(context: StatementContext) -> Iterator[Hit]:
    """A new table or column that REFERENCES a table of before: one hit for each such table."""
    if "references" not in context.statement.sql.lower():
        return
    node = context.statement.node
    table = table_name(node.relation)
    if context.statement.kind == "CreateStmt":
        targets = set(referenced(node.table_elts))
    else:
        columns = [definition(command) for kind, command in commands(node) if kind == "AT_AddColumn"]
        targets = set(referenced(columns))
        if table in context.created:
            targets |= {table_name(key.pktable) for kind, key in added_constraints(node) if kind == "CONSTR_FOREIGN"}
    for target in sorted(targets - context.created - {table}):
        yield Hit(
            subject=target,
            message=f"a new foreign key of {table} stops writes to {target} until the transaction ends",
            statement=context.statement,
            detail=(target, table),
        )


def referenced(elements: Any) -> Iterator[str]:
    """Tables that foreign keys among the elements of a CREATE TABLE, or in added columns, point at."""
    for element in elements:
        held = element.column_def.constraints if element.HasField("column_def") else (element,)
        for item in held:
            if item.constraint.contype == FOREIGN:
                yield table_name(item.constraint.pktable)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The referenced table was locked against writers."""
    return blocks(context, hit.subject, at_least=LockMode.SHARE_ROW_EXCLUSIVE)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Keep the transaction short; there is no way around the lock itself."""
    return Fix(
        summary=f"Give it a transaction of its own with SET lock_timeout: {hit.subject} is then locked for an instant"
    )


SETUP = "CREATE TABLE parent (id bigint PRIMARY KEY);\nINSERT INTO parent VALUES (1);\n-- setup ends\n"

RULE = StatementRule(
    id="create-table-fk-locks-parent",
    claim="A new table or column with REFERENCES stops writes to the referenced table until the transaction ends.",
    family="locks",
    severity=Severity.LOW,
    why=(
        "The foreign key's triggers are put on the referenced table under SHARE ROW EXCLUSIVE. The statement is "
        "instant, but the lock is kept to the end of the transaction and waits behind running writers."
    ),
    unless="Both tables are created in the same migration.",
    failing=f"{SETUP}CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent (id));",
    passing=f"{SETUP}CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint);",
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",),
    fix_safety="review",
    kinds=frozenset({"CreateStmt", "AlterTableStmt"}),
    parts=frozenset({"AT_AddColumn", "AT_AddConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
