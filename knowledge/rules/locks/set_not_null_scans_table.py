"""SET NOT NULL that reads the whole table because nothing proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.ddl import chosen_name, commands, only_command, table_name, table_sql
from knowledge.identifiers import quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

NOT_NULL_NOT_VALID_SINCE = 18


def suspect(context: StatementContext) -> Iterator[Hit]:
    """SET NOT NULL on a column without a validated CHECK that says the same."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind == "AT_SetNotNull" and not _proven(context, table, command.name):
            yield Hit(
                subject=f"{table}.{command.name}",
                message=f"reads all of {table} to look for NULLs in {command.name} while reads and writes wait",
                statement=context.statement,
                detail=(table, command.name),
            )


def _proven(context: StatementContext, table: str, column: str) -> bool:
    """Whether a validated CHECK (column IS NOT NULL) stands in the catalog or earlier in the script."""
    name = re.escape(column)
    says_so = re.compile(rf'^CHECK \(+"?{name}"? IS NOT NULL\)+$', re.IGNORECASE)
    known = context.before.by_name.get(table)
    if known is not None:
        return any(says_so.match(check.definition) for check in known.constraints_of("check") if check.validated)
    if context.script is None:
        return False
    written = re.compile(rf'check\s*\(\s*"?{name}"?\s+is\s+not\s+null\s*\)(\s*not\s+valid)?', re.IGNORECASE)
    before = context.script.text[: context.statement.offset]
    found = list(written.finditer(before))
    return bool(found) and (found[-1][1] is None or "validate constraint" in before[found[-1].end() :].lower())


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under ACCESS EXCLUSIVE."""
    return blocks(context, hit.detail[0], at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """A NOT NULL constraint added NOT VALID and validated (18), or a CHECK that proves it (before 18)."""
    node = context.statement.node
    if not only_command(node):
        return None
    table, column = table_sql(node.relation), quoted(hit.detail[1])
    if context.version >= NOT_NULL_NOT_VALID_SINCE:
        name = quoted(chosen_name(node.relation.relname, (hit.detail[1],), "not_null"))
        steps = [
            Step(sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column} NOT VALID", note="no scan"),
            Step(sql=f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", note="reads and writes pass"),
        ]
    else:
        name = quoted(chosen_name(node.relation.relname, (hit.detail[1], "present"), "check"))
        steps = [
            Step(sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"),
            Step(sql=f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", note="reads and writes pass"),
            Step(
                sql=f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
                note="the CHECK proves it: no scan",
            ),
            Step(sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}"),
        ]
    return Fix(summary="Add the constraint NOT VALID, validate it in a later transaction", steps=steps)


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n"

RULE = StatementRule(
    id="set-not-null-scans-table",
    claim="SET NOT NULL reads the whole table under a lock that stops reads and writes.",
    family="locks",
    severity=Severity.HIGH,
    why="PostgreSQL must see that no row holds NULL, and it looks while holding ACCESS EXCLUSIVE.",
    unless="A validated CHECK (column IS NOT NULL) exists: PostgreSQL then trusts it and does not look.",
    failing=f"{SETUP}-- setup ends\nALTER TABLE t ALTER COLUMN n SET NOT NULL;",
    passing=(
        f"{SETUP}ALTER TABLE t ADD CONSTRAINT n_present CHECK (n IS NOT NULL);\n"
        "-- setup ends\nALTER TABLE t ALTER COLUMN n SET NOT NULL;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
