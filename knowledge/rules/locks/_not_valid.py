"""The two-step way to add a constraint: NOT VALID now, VALIDATE later."""

from __future__ import annotations

from typing import Any

import postgast

from knowledge.ddl import chosen_name, definition, only_command, table_sql
from knowledge.identifiers import quoted
from knowledge.report import Fix, Step


def not_valid_then_validate(statement_sql: str, node: Any, suffix: str, columns: tuple[str, ...]) -> Fix | None:
    """The steps for an ALTER TABLE that adds one constraint and does nothing else.

    An unnamed constraint is given the name PostgreSQL itself would choose, so that the end is the same.
    """
    if not only_command(node):
        return None
    tree = postgast.parse(statement_sql)
    constraint = definition(tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd).constraint
    name = constraint.conname or chosen_name(node.relation.relname, columns, suffix)
    constraint.conname = name
    constraint.skip_validation = True
    constraint.initially_valid = False
    return Fix(
        summary="Add it NOT VALID (new rows are checked at once), then validate it in a later transaction",
        steps=[
            Step(sql=postgast.deparse(tree), note="brief lock, no scan"),
            Step(
                sql=f"ALTER TABLE {table_sql(node.relation)} VALIDATE CONSTRAINT {quoted(name)}",
                note="scans under SHARE UPDATE EXCLUSIVE: reads and writes pass",
            ),
        ],
    )
