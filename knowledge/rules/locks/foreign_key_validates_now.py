"""Foreign keys that check every existing row while writers of two tables wait."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import added_constraints, strings, table_name
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD FOREIGN KEY without NOT VALID, unless the referencing table is new."""
    table = table_name(context.statement.node.relation)
    for kind, constraint in added_constraints(context.statement.node):
        if kind != "CONSTR_FOREIGN" or constraint.skip_validation or not constraint.is_enforced:
            continue
        target = table_name(constraint.pktable)
        if table in context.created:
            continue
        columns = strings(constraint.fk_attrs)
        yield Hit(
            subject=f"{table}.{', '.join(columns)}",
            message=f"checks every row of {table} against {target} while writers of both tables wait",
            statement=context.statement,
            detail=(table, target, *columns),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under a lock that stops writers."""
    return blocks(context, hit.detail[0], at_least=LockMode.SHARE_ROW_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """NOT VALID, then VALIDATE."""
    return safe_fix(context, "Add it NOT VALID (new rows are checked at once), then validate it in a later transaction")


SETUP = (
    "CREATE TABLE parent (id bigint PRIMARY KEY);\nCREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint);\n"
    "INSERT INTO parent VALUES (1);\nINSERT INTO child VALUES (1, 1), (2, NULL);\n-- setup ends\n"
)

RULE = StatementRule(
    id="foreign-key-validates-now",
    claim="Adding a foreign key reads the whole table while writes to both tables wait.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on the referencing and the referenced table while it looks "
        "up every existing row."
    ),
    unless="The referencing table is created in the same migration.",
    failing=f"{SETUP}ALTER TABLE child ADD FOREIGN KEY (parent_id) REFERENCES parent (id);",
    passing=(
        f"{SETUP}ALTER TABLE child ADD CONSTRAINT child_parent_id_fkey FOREIGN KEY (parent_id)"
        " REFERENCES parent (id) NOT VALID;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AddConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
