"""UNIQUE and PRIMARY KEY constraints that build their index while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import added_constraints, table_name
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

WORDS = {"CONSTR_UNIQUE": "UNIQUE", "CONSTR_PRIMARY": "PRIMARY KEY", "CONSTR_EXCLUSION": "EXCLUDE"}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD UNIQUE or ADD PRIMARY KEY without USING INDEX; ADD EXCLUDE."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, constraint in added_constraints(context.statement.node):
        if kind in WORDS and not constraint.indexname:
            yield Hit(
                subject=table,
                message=f"{WORDS[kind]} builds its index on {table} while reads and writes wait",
                statement=context.statement,
                detail=(table, kind),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was read under ACCESS EXCLUSIVE."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Build the index concurrently under the constraint's name, then attach it."""
    return (
        None
        if hit.detail[1] == "CONSTR_EXCLUSION"
        else safe_fix(context, "Build the unique index concurrently, then attach it as the constraint")
    )


SETUP = "CREATE TABLE t (id bigint NOT NULL, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n"

RULE = StatementRule(
    id="unique-builds-index",
    claim="Adding a UNIQUE, PRIMARY KEY or EXCLUDE constraint builds an index under a lock that stops everything.",
    family="locks",
    severity=Severity.HIGH,
    why="The index is built inside ALTER TABLE, which holds ACCESS EXCLUSIVE until the build is done.",
    unless="The table is created in the same migration, or the index exists and is attached with USING INDEX.",
    failing=f"{SETUP}-- setup ends\nALTER TABLE t ADD UNIQUE (n);",
    passing=(
        f"{SETUP}CREATE UNIQUE INDEX t_n_key ON t (n);\n"
        "-- setup ends\nALTER TABLE t ADD CONSTRAINT t_n_key UNIQUE USING INDEX t_n_key;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AddConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
