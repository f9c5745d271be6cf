"""Adding constraints without work under a strong lock."""

from __future__ import annotations

from typing import Any

from knowledge.ddl import check_columns, definition, enum_name, strings
from knowledge.identifiers import quoted, quoted_list
from knowledge.report import Step
from knowledge.rewrites.target import NO_SCAN, OPEN, Target

NOT_NULL_NOT_VALID_SINCE = 18
LABELS = {"CONSTR_FOREIGN": "fkey", "CONSTR_CHECK": "check"}
UNIQUE = {"CONSTR_UNIQUE": ("UNIQUE", "key"), "CONSTR_PRIMARY": ("PRIMARY KEY", "pkey")}


def add_constraint(target: Target, command: Any) -> list[Step] | None:
    """ADD CONSTRAINT: NOT VALID and VALIDATE, or an index built beforehand."""
    return constraint_steps(target, definition(command).constraint)


def constraint_steps(target: Target, constraint: Any) -> list[Step] | None:
    """The steps for a table constraint; ``None`` where it is safe as it stands or has no safe way."""
    kind = enum_name(constraint, "contype")
    if kind in LABELS and not constraint.skip_validation and constraint.is_enforced:
        return _validated_later(target, constraint, kind)
    if kind in UNIQUE and not constraint.indexname:
        return _index_first(target, constraint, kind)
    if kind == "CONSTR_NOTNULL" and not constraint.skip_validation:
        return not_null(target, strings(constraint.keys)[0], constraint.conname)
    return None


def not_null(target: Target, column: str, name: str = "") -> list[Step]:
    """A NOT NULL constraint that is validated apart (18), or a CHECK that proves it (before 18)."""
    name = name or target.free_name((column,), "not_null")
    if target.version >= NOT_NULL_NOT_VALID_SINCE:
        added = f"ADD CONSTRAINT {quoted(name)} NOT NULL {quoted(column)} NOT VALID"
        return [target.text(added, note=NO_SCAN), _validate(target, name)]
    check = quoted(target.free_name((column, "present"), "check"))
    return [
        target.text(f"ADD CONSTRAINT {check} CHECK ({quoted(column)} IS NOT NULL) NOT VALID", note=NO_SCAN),
        _validate(target, check),
        target.text(f"ALTER COLUMN {quoted(column)} SET NOT NULL", note="the CHECK proves it: no scan"),
        target.text(f"DROP CONSTRAINT {check}"),
    ]


def _validated_later(target: Target, constraint: Any, kind: str) -> list[Step]:
    added = type(constraint)()
    added.CopyFrom(constraint)
    columns = check_columns(constraint.raw_expr) if kind == "CONSTR_CHECK" else strings(constraint.fk_attrs)
    added.conname = constraint.conname or target.free_name(columns, LABELS[kind])
    added.skip_validation, added.initially_valid = True, False
    return [target.adding(added, note=NO_SCAN), _validate(target, added.conname)]


def _validate(target: Target, name: str) -> Step:
    return target.text(f"VALIDATE CONSTRAINT {quoted(name)}", note=OPEN)


def _index_first(target: Target, constraint: Any, kind: str) -> list[Step] | None:
    if constraint.without_overlaps or constraint.options or constraint.indexspace:
        return None
    if target.known is not None and target.known.partitioned:  # neither CONCURRENTLY nor USING INDEX work there
        return None
    words, label = UNIQUE[kind]
    primary = kind == "CONSTR_PRIMARY"
    columns = strings(constraint.keys)
    named_after = () if primary else (*columns, *strings(constraint.including))
    name = quoted(constraint.conname or target.free_name(named_after, label))
    index = f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {target.sql} ({quoted_list(columns)})"
    if constraint.including:
        index += f" INCLUDE ({quoted_list(strings(constraint.including))})"
    if constraint.nulls_not_distinct:
        index += " NULLS NOT DISTINCT"
    needed = [
        step for column in columns if primary and target.may_hold_null(column) for step in not_null(target, column)
    ]
    added = f"ADD CONSTRAINT {name} {words} USING INDEX {name}"
    if constraint.deferrable:
        added += " DEFERRABLE" + (" INITIALLY DEFERRED" if constraint.initdeferred else "")
    return [
        *needed,
        Step(sql=index, alone=True, note="if it fails, drop the INVALID index and retry"),
        target.text(added, note=NO_SCAN),
    ]
