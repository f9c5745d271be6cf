"""CHECK constraints that read the whole table while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import added_constraints, strings, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.locks._not_valid import not_valid_then_validate
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD CHECK without NOT VALID."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, constraint in added_constraints(context.statement.node):
        if kind == "CONSTR_CHECK" and not constraint.skip_validation:
            names = [
                strings(found.fields)[-1]
                for found in postgast.find_nodes(constraint.raw_expr, postgast.pg_query_pb2.ColumnRef)
                if found.fields[-1].WhichOneof("node") == "string"
            ]
            # PostgreSQL names a check after its column only where it uses exactly one.
            columns = tuple(names[:1]) if len(set(names)) == 1 else ()
            yield Hit(
                subject=table,
                message=f"reads all of {table} to check existing rows while reads and writes wait",
                statement=context.statement,
                detail=(table, *columns),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under ACCESS EXCLUSIVE."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """NOT VALID, then VALIDATE."""
    return not_valid_then_validate(context.statement.sql, context.statement.node, "check", hit.detail[1:])


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n-- setup ends\n"

RULE = StatementRule(
    id="check-validates-now",
    claim="Adding a CHECK constraint reads the whole table under a lock that stops reads and writes.",
    family="locks",
    severity=Severity.HIGH,
    why="ADD CHECK holds ACCESS EXCLUSIVE while it tests every existing row.",
    unless="The table is created in the same migration.",
    failing=f"{SETUP}ALTER TABLE t ADD CHECK (n > 0);",
    passing=f"{SETUP}ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n > 0) NOT VALID;",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
