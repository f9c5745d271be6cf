"""ALTER TABLE seen rewriting or reading a table, for a reason that no other rule names."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, is_table, table_name
from knowledge.report import Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """Every ALTER TABLE on a table of before: only running it tells."""
    node = context.statement.node
    table = table_name(node.relation)
    if is_table(node) and table not in context.created:
        yield Hit(
            subject=table,
            message=f"rewrites or reads all of {table} while reads and writes wait",
            statement=context.statement,
            detail=(table,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was read or rewritten under ACCESS EXCLUSIVE, and no other rule says why."""
    seen = blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)
    return None if seen is None or _explained(context) else seen


def _explained(context: StatementContext) -> bool:
    """Whether a more telling rule about a part of this statement is confirmed."""
    from knowledge.rules import all_rules

    parts = {kind for kind, _ in commands(context.statement.node)}
    telling = [rule for rule in all_rules() if isinstance(rule, StatementRule) and rule.parts & parts]
    return any(
        rule.confirm(hit, context)
        for rule in telling
        if rule.severity is not Severity.LOW
        for hit in rule.suspect(context)
    )


SETUP = (
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0);\nCREATE TABLE t (id bigint PRIMARY KEY);\n"
    "INSERT INTO t VALUES (1), (2);\n-- setup ends\n"
)

RULE = StatementRule(
    id="alter-table-works-under-lock",
    claim="ALTER TABLE was seen rewriting or reading the whole table under a lock that stops everything.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "What ALTER TABLE does can depend on what its text does not show: a column whose type is a domain with a "
        "constraint rewrites the table, one of a plain type does not. This rule reports what was seen and no other "
        "rule explains."
    ),
    unless="The table is created in the same migration, or is known to stay tiny.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN n positive;",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN n int;",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    observed_only=True,
)
