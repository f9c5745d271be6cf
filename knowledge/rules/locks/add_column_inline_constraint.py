"""Constraints written inside ADD COLUMN, which do their work under the same lock."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import chosen_name, commands, constraints, definition, only_command, table_name, table_sql
from knowledge.identifiers import quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, describe, executed, lock_on
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

WORDS = {"CONSTR_UNIQUE": "UNIQUE", "CONSTR_PRIMARY": "PRIMARY KEY", "CONSTR_FOREIGN": "REFERENCES"}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD COLUMN with UNIQUE, PRIMARY KEY or REFERENCES on a table of before."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind != "AT_AddColumn":
            continue
        column = definition(command).column_def
        for what, constraint in constraints(column.constraints):
            if what in WORDS:
                target = table_name(constraint.pktable) if what == "CONSTR_FOREIGN" else ""
                yield Hit(
                    subject=f"{table}.{column.colname}",
                    message=(
                        f"ADD COLUMN {column.colname} {WORDS[what]} does the constraint's work under the lock of "
                        f"ADD COLUMN: reads and writes of {table} wait"
                        + (f", writes of {target} too" if target else "")
                    ),
                    statement=context.statement,
                    detail=(table, column.colname, what, target),
                )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked exclusively and read, or the referenced table was locked against writers."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    table, _, _, target = hit.detail
    lock, other = lock_on(trace, table), lock_on(trace, target) if target else None
    if lock is None or lock.mode is not LockMode.ACCESS_EXCLUSIVE:
        return None
    return Confirmation(HOW, describe(trace, table)) if trace.scans or other else None


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Add the bare column first, the constraint afterwards in its two-step form."""
    node = context.statement.node
    table, column, what, _ = hit.detail
    tree = postgast.parse(context.statement.sql)
    bare = definition(tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd).column_def
    if not only_command(node) or len(bare.constraints) != 1 or what != "CONSTR_FOREIGN":
        return None
    inline = bare.constraints[0].constraint
    if inline.conname:
        name = inline.conname
    else:
        name = chosen_name(node.relation.relname, (column,), "fkey")
    adding = postgast.parse(
        f"ALTER TABLE {table_sql(node.relation)} ADD CONSTRAINT x FOREIGN KEY (c) REFERENCES p NOT VALID"
    )
    key = definition(adding.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd).constraint
    for field in (
        "pktable",
        "pk_attrs",
        "fk_matchtype",
        "fk_upd_action",
        "fk_del_action",
        "deferrable",
        "initdeferred",
    ):
        key.ClearField(field)
    key.MergeFrom(_foreign_part(inline))
    key.conname = name
    key.fk_attrs[0].string.sval = column
    del bare.constraints[:]
    return Fix(
        summary="Add the bare column, then the foreign key NOT VALID, then validate it",
        steps=[
            Step(sql=postgast.deparse(tree), note="brief lock, no scan"),
            Step(sql=postgast.deparse(adding), note="brief lock, no scan"),
            Step(
                sql=f"ALTER TABLE {table_sql(node.relation)} VALIDATE CONSTRAINT {quoted(name)}",
                note="reads and writes pass",
            ),
        ],
    )


def _foreign_part(inline: object) -> object:
    """The fields of an inline REFERENCES that say what it points at and what follows from changes there."""
    part = type(inline)()
    for field in (
        "pktable",
        "pk_attrs",
        "fk_matchtype",
        "fk_upd_action",
        "fk_del_action",
        "deferrable",
        "initdeferred",
    ):
        value = getattr(inline, field)
        if field == "pktable":
            part.pktable.CopyFrom(value)  # type: ignore[attr-defined]
        elif field == "pk_attrs":
            part.pk_attrs.extend(value)  # type: ignore[attr-defined]
        else:
            setattr(part, field, value)
    return part


SETUP = (
    "CREATE TABLE parent (id bigint PRIMARY KEY);\nCREATE TABLE t (id bigint PRIMARY KEY);\n"
    "INSERT INTO t VALUES (1), (2);\n-- setup ends\n"
)

RULE = StatementRule(
    id="add-column-inline-constraint",
    claim="A constraint inside ADD COLUMN does its work while ADD COLUMN's lock stops everything.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "ADD COLUMN alone is instant, but UNIQUE or PRIMARY KEY builds an index and REFERENCES locks a second table,"
        " all under ACCESS EXCLUSIVE on the first."
    ),
    unless="The table is created in the same migration.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN parent_id bigint REFERENCES parent (id);",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN parent_id bigint;",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
