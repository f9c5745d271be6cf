"""New tables that lock an old one: REFERENCES takes a lock on the table it points at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import constraints, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE TABLE ... REFERENCES a table of before: one hit for each such table."""
    node = context.statement.node
    table = table_name(node.relation)
    for target in sorted(set(referenced(node)) - context.created - {table}):
        yield Hit(
            subject=target,
            message=f"creating {table} stops writes to {target} until the transaction ends",
            statement=context.statement,
            detail=(target, table),
        )


def referenced(node: Any) -> Iterator[str]:
    """Tables that the foreign keys of a CREATE TABLE point at."""
    for element in node.table_elts:
        held = element.column_def.constraints if element.WhichOneof("node") == "column_def" else [element]
        for kind, constraint in constraints(held):
            if kind == "CONSTR_FOREIGN":
                yield table_name(constraint.pktable)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The referenced table was locked against writers."""
    return blocks(context, hit.subject, at_least=LockMode.SHARE_ROW_EXCLUSIVE)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Keep the transaction short; there is no way around the lock itself."""
    return Fix(
        summary=f"Put it into a transaction of its own with SET lock_timeout, so that {hit.subject} is locked for an instant"
    )


SETUP = "CREATE TABLE parent (id bigint PRIMARY KEY);\nINSERT INTO parent VALUES (1);\n-- setup ends\n"

RULE = StatementRule(
    id="create-table-fk-locks-parent",
    claim="CREATE TABLE with REFERENCES stops writes to the referenced table until the transaction ends.",
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
    kinds=frozenset({"CreateStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
