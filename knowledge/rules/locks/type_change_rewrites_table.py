"""Type changes that write every row anew."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, definition, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode
from knowledge.type_names import type_text

UNBOUND = frozenset({"text", "character varying"})
LIMITED = UNBOUND | {"numeric", "bit varying"}
"""Types whose limit can grow or go without a look at the rows."""


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ALTER COLUMN TYPE, unless what is known of the column shows that only a limit grows or goes."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    known = context.table(table)
    for kind, command in commands(context.statement.node):
        if kind != "AT_AlterColumnType":
            continue
        column = known.column(command.name) if known else None
        wanted = definition(command).column_def
        plainly = not wanted.raw_default.WhichOneof("node") and not wanted.HasField("coll_clause")
        if context.trace is None and column and plainly and only_loosens(column.type, type_text(wanted.type_name)):
            continue
        yield Hit(
            subject=f"{table}.{command.name}",
            message=f"changes the type of {command.name} by rewriting {table} while reads and writes wait",
            statement=context.statement,
            detail=(table, command.name),
            flips=""
            if column
            else f"the old type of {command.name} is stored like the new one, as varchar and text are",
        )


def only_loosens(before: str, after: str) -> bool:
    """Whether no row can need writing or checking: a limit grows or goes, and the kind of type stays.

    The server's own rule (``varchar_support``, ``numeric_support``): text and varchar are stored alike, numeric
    keeps its scale and gains precision. Types are spelt as the catalog spells them.
    """
    (old, old_sizes), (new, new_sizes) = _sized(before), _sized(after)
    alike = old == new or (old in UNBOUND and new in UNBOUND)
    if not alike or before == after:
        return alike
    if old not in LIMITED:
        return False
    if not new_sizes:
        return True
    return bool(old_sizes) and old_sizes[1:] == new_sizes[1:] and old_sizes <= new_sizes


def _sized(kind: str) -> tuple[str, list[int]]:
    word, bracket, sizes = kind.rstrip(")").partition("(")
    return word, [int(size) for size in sizes.split(",")] if bracket and sizes.replace(",", "").isdigit() else []


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table or one of its indexes was rewritten, or the table read, under ACCESS EXCLUSIVE."""
    table = hit.detail[0]
    seen = blocks(context, table, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)
    if seen is None and context.trace is not None and context.trace.rewrites:
        seen = blocks(context, table, at_least=LockMode.ACCESS_EXCLUSIVE)
    return seen


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Expand and contract; the application takes part in it."""
    return Fix(
        summary=(
            f"Add a second column of the new type, keep it in step by a trigger, fill it in batches, move readers "
            f"over, then drop {hit.subject} and rename"
        )
    )


SETUP = (
    "CREATE TABLE t (id int PRIMARY KEY, name varchar(50));\nINSERT INTO t VALUES (1, 'a'), (2, 'b');\n-- setup ends\n"
)

RULE = StatementRule(
    id="type-change-rewrites-table",
    claim="Changing a column's type rewrites the table and its indexes unless the two types are stored alike.",
    family="locks",
    severity=Severity.HIGH,
    why="Every row and every index on it is written anew under ACCESS EXCLUSIVE: nobody reads or writes meanwhile.",
    unless=(
        "varchar(n) grows or becomes text, or numeric only gains precision: PostgreSQL then changes the catalog only. "
        "So it does for timestamp to timestamptz, where TimeZone is UTC."
    ),
    failing=f"{SETUP}ALTER TABLE t ALTER COLUMN id TYPE bigint;",
    passing=f"{SETUP}ALTER TABLE t ALTER COLUMN name TYPE varchar(100);",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AlterColumnType"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
