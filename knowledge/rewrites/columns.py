"""Adding columns without writing or reading every row under a strong lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.ddl import definition, enum_name, is_volatile
from knowledge.derived_table import deparsed
from knowledge.identifiers import qualified, quoted
from knowledge.report import Step
from knowledge.rewrites.constraints import constraint_steps, not_null
from knowledge.rewrites.target import NO_SCAN, Target
from knowledge.type_names import SERIAL, is_serial

_GRAMMAR = postgast.pg_query_pb2
APART = frozenset({"CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_FOREIGN", "CONSTR_CHECK"})
ROW_BY_ROW = frozenset({"CONSTR_IDENTITY", "CONSTR_GENERATED"})
DEMANDS_VALUE = frozenset({"CONSTR_NOTNULL", "CONSTR_PRIMARY"})
BATCHES = "in batches of some thousand keys, each in a transaction of its own"


def set_not_null(target: Target, command: Any) -> list[Step] | None:
    """ALTER COLUMN ... SET NOT NULL."""
    return not_null(target, command.name)


def add_column(target: Target, command: Any) -> list[Step] | None:
    """ADD COLUMN: the bare column first, then its default, its values and its constraints one by one."""
    column = definition(command).column_def
    inline = list(_inline(column))
    kinds = {kind for kind, _ in inline}
    volatile = [item for kind, item in inline if kind == "CONSTR_DEFAULT" and is_volatile(item.raw_expr)]
    serial = is_serial(column.type_name)
    apart = [item for kind, item in inline if kind in APART]
    if command.missing_ok or kinds & ROW_BY_ROW or not (volatile or serial or apart):
        return None
    filled = volatile or serial or "CONSTR_DEFAULT" in kinds
    if kinds & DEMANDS_VALUE and not filled:  # fails on rows whichever way it is done
        return None
    written = bool(volatile or serial)
    bare = _bare(command, [item for kind, item in inline if _stays(kind, written)])
    name: str = column.colname
    steps = [target.altering(bare, note=NO_SCAN)]
    if serial:
        steps = [*_sequence(target, column, bare)]
    if volatile:
        steps.append(target.text(f"ALTER COLUMN {quoted(name)} SET DEFAULT {deparsed(volatile[0].raw_expr)}"))
    if written:
        value = deparsed(volatile[0].raw_expr) if volatile else _next_value(target, name)
        steps.append(_fill(target, name, value))
        if serial or kinds & DEMANDS_VALUE:
            steps += not_null(target, name)
    for item in apart:
        item = _as_table_constraint(item, name)
        steps += constraint_steps(target, item) or [target.adding(item)]
    return steps


def _stays(kind: str, written: bool) -> bool:
    """Whether a constraint remains inside ADD COLUMN."""
    if kind in APART:
        return False
    return not (written and kind in ("CONSTR_NOTNULL", "CONSTR_DEFAULT", "CONSTR_NULL"))


def _inline(column: Any) -> Iterator[tuple[str, Any]]:
    """The constraints of a column; DEFERRABLE and its like, which stand behind, are put into them."""
    made: list[tuple[str, Any]] = []
    for node in column.constraints:
        kind = enum_name(node.constraint, "contype")
        if not kind.startswith("CONSTR_ATTR_"):
            item = type(node.constraint)()
            item.CopyFrom(node.constraint)
            made.append((kind, item))
        elif made and kind in ("CONSTR_ATTR_DEFERRABLE", "CONSTR_ATTR_DEFERRED"):
            made[-1][1].deferrable = True
            made[-1][1].initdeferred |= kind == "CONSTR_ATTR_DEFERRED"
        elif made and kind == "CONSTR_ATTR_NOT_ENFORCED":
            made[-1][1].is_enforced = False
            made[-1][1].skip_validation = True
    return iter(made)


def _bare(command: Any, kept: list[Any]) -> Any:
    made = type(command)()
    made.CopyFrom(command)
    column = definition(made).column_def
    del column.constraints[:]
    for item in kept:
        column.constraints.add().constraint.CopyFrom(item)
    return made


def _as_table_constraint(item: Any, column: str) -> Any:
    """An inline constraint as it would stand behind ADD CONSTRAINT."""
    keys = item.fk_attrs if enum_name(item, "contype") == "CONSTR_FOREIGN" else item.keys
    if enum_name(item, "contype") != "CONSTR_CHECK":
        keys.add().string.sval = column
    return item


def _fill(target: Target, column: str, value: str) -> Step:
    name = quoted(column)
    return Step(sql=f"UPDATE {target.sql} SET {name} = {value} WHERE {name} IS NULL", note=BATCHES)


def _sequence(target: Target, column: Any, bare: Any) -> list[Step]:
    """What a serial column is made of: an integer column, a sequence it owns, and a default."""
    name = quoted(column.colname)
    made = definition(bare).column_def
    kind = SERIAL[column.type_name.names[-1].string.sval]
    tree = postgast.parse(f"ALTER TABLE t ADD COLUMN c {kind}").stmts[0].stmt.alter_table_stmt
    made.type_name.CopyFrom(definition(tree.cmds[0].alter_table_cmd).column_def.type_name)
    sequence = _sequence_name(target, column.colname)
    return [
        target.altering(bare, note=NO_SCAN),
        Step(sql=f"CREATE SEQUENCE {sequence} AS {kind} OWNED BY {target.sql}.{name}"),
        target.text(f"ALTER COLUMN {name} SET DEFAULT nextval('{_literal(sequence)}')"),
    ]


def _sequence_name(target: Target, column: str) -> str:
    return qualified(target.node.relation.schemaname, target.free_name((column,), "seq"))


def _next_value(target: Target, column: str) -> str:
    return f"nextval(pg_get_serial_sequence('{_literal(target.sql)}', '{_literal(column)}'))"


def _literal(text: str) -> str:
    return text.replace("'", "''")
