"""What CREATE TABLE and ALTER TABLE need: parents, referenced tables, types, and columns of before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import chosen_name, commands, constraints, definition, enum_name, strings
from knowledge.synthesis.guesses import CHANGED_FROM, type_of_value
from knowledge.synthesis.tables import AssumedTable
from knowledge.synthesis.types import need_type
from knowledge.synthesis.uses import Name, Use, over, uses
from knowledge.synthesis.world import World
from knowledge.type_names import type_text


def name_of(relation: Any) -> Name:
    """Schema and table of a RangeVar."""
    return relation.schemaname, relation.relname


def create_table(world: World, node: Any) -> None:
    """CREATE TABLE: parents, types, foreign keys."""
    world.need_schema(node.relation.schemaname)
    own = name_of(node.relation)
    for parent in node.inh_relations:
        table = world.table(name_of(parent.range_var))
        if table is not None and node.HasField("partbound"):
            _partition(table, node.partbound)
    for item in node.table_elts:
        which = item.WhichOneof("node")
        if which == "column_def":
            _column(world, own, item.column_def)
        elif which == "table_like_clause":
            world.table(name_of(item.table_like_clause.relation))
    for kind, constraint in constraints(node.table_elts):
        if kind == "CONSTR_FOREIGN":
            _foreign_key(world, own, strings(constraint.fk_attrs), constraint)
        elif kind == "CONSTR_EXCLUSION":
            _exclusion(world, constraint)


def _partition(table: AssumedTable, bound: Any) -> None:
    """The parent's key follows from the first bound of its partition."""
    values = [*bound.lowerdatums, *bound.listdatums]
    kind = next((found for item in values if (found := type_of_value(item))), "bigint")
    if kind in ("text", "date") and bound.strategy != "l":
        kind = "timestamp with time zone"
    name = "id" if kind in ("integer", "bigint") else "created_at" if kind.startswith("time") else "kind"
    column = table.need(name)
    if column is not None:
        column.note("bigint" if kind == "integer" else kind, certain=True)
    method = {"r": "RANGE", "l": "LIST", "h": "HASH"}.get(bound.strategy, "RANGE")
    table.partition_by = f"{method} ({name})"


def _column(world: World, own: Name, node: Any) -> None:
    """A column definition: its type, its foreign key."""
    need_type(world, node.type_name, [item.constraint for item in node.constraints])
    for kind, constraint in constraints(node.constraints):
        if kind == "CONSTR_FOREIGN":
            _foreign_key(world, own, (node.colname,), constraint, type_text(node.type_name))
        elif kind == "CONSTR_DEFAULT":
            world.scan(constraint.raw_expr)


def _foreign_key(world: World, own: Name, columns: tuple[str, ...], node: Any, declared: str = "") -> None:
    target = world.table(name_of(node.pktable))
    if target is None:
        _type_from_known(world, own, columns, node)
        return
    named = strings(node.pk_attrs) or ("id",) * len(columns)
    for column, other in zip(columns, named, strict=False):
        referenced = target.need(other)
        if referenced is None:
            continue
        if kind := declared or _known_type(world, own, column):
            referenced.note(kind, certain=True)
        world.link((_key(world, own), column), (target.qualified, other))
    if named != ("id",) or not target.keyed:
        target.unique.setdefault(named)


def _type_from_known(world: World, own: Name, columns: tuple[str, ...], node: Any) -> None:
    """A column that references a table of the script has the type of what it references."""
    known = world.builder.find(node.pktable)
    table = world.tables.get(_key(world, own))
    if known is None or table is None:
        return
    for column, other in zip(columns, strings(node.pk_attrs) or known.primary_key, strict=False):
        assumed = table.columns.get(column)
        if assumed is not None and other in known.columns:
            assumed.note(known.columns[other].type, certain=True)
            assumed.seeded_as = other


def _key(world: World, name: Name) -> str:
    key = f"{name[0] or world.builder.default_schema}.{name[1]}"
    return world.aliases.get(key, key)


def _known_type(world: World, table: Name, column: str) -> str:
    known = world.builder.tables.get(_key(world, table))
    found = known.columns.get(column) if known else None
    return found.type if found else ""


def _exclusion(world: World, node: Any) -> None:
    if node.access_method == "gist":
        world.extensions.setdefault("btree_gist")


def alter_table(world: World, node: Any) -> None:
    """ALTER TABLE: the table itself, and what each command finds in it."""
    if enum_name(node, "objtype") != "OBJECT_TABLE":
        return
    own = name_of(node.relation)
    table = world.table(own)
    for kind, command in commands(node):
        if kind == "AT_AddColumn":
            column = definition(command).column_def
            _column(world, own, column)
            _inline_constraints(world, own, column)
            if table is not None:
                table.added.add(column.colname)
        elif kind == "AT_AddConstraint":
            _add_constraint(world, own, table, definition(command).constraint)
        elif kind in ("AT_AttachPartition", "AT_DetachPartition"):
            _attach(world, table, definition(command).partition_cmd)
        elif table is not None:
            _alter_assumed(world, own, table, kind, command)
        elif kind == "AT_AlterColumnType":
            need_type(world, definition(command).column_def.type_name, [])


def _inline_constraints(world: World, own: Name, column: Any) -> None:
    for kind, constraint in constraints(column.constraints):
        if kind in ("CONSTR_CHECK", "CONSTR_GENERATED"):
            for use in _uses_besides(constraint.raw_expr, own, column.colname):
                world.use(use)
        elif kind == "CONSTR_PRIMARY" and (table := world.tables.get(_key(world, own))):
            table.keyed = False


def _uses_besides(expression: Any, own: Name, column: str) -> Iterator[Use]:
    return (use for use in uses(expression, over(own)) if use.column != column)


def _add_constraint(world: World, own: Name, table: AssumedTable | None, node: Any) -> None:
    kind = enum_name(node, "contype")
    if table is not None:
        table.own_constraints.add(node.conname or _automatic_name(table, kind, node))
    if kind == "CONSTR_FOREIGN":
        columns = strings(node.fk_attrs)
        if table is not None:
            for name in columns:
                table.need(name)
        _foreign_key(world, own, columns, node)
        return
    if kind == "CONSTR_EXCLUSION":
        _exclusion(world, node)
    if table is None:
        return
    if kind == "CONSTR_CHECK":
        world.scan_condition(node.raw_expr, over(own))
    if kind == "CONSTR_PRIMARY":
        table.keyed = False
    if node.indexname:
        table.need("id")
        table.indexes.setdefault(node.indexname, True)
    for name in strings(node.keys):
        column = table.need(name)
        if column is not None:
            column.distinct = True
    for item in node.exclusions:
        _excluded(table, item.list.items)


def _excluded(table: AssumedTable, parts: Any) -> None:
    """One ``column WITH operator`` of an exclusion constraint; && is how ranges overlap."""
    name = parts[0].index_elem.name
    column = table.need(name) if name else None
    if column is not None:
        column.distinct = True
        if strings(parts[1].list.items)[-1:] == ("&&",):
            column.note("daterange" if "date" in name else "tstzrange", certain=True)


def _automatic_name(table: AssumedTable, kind: str, node: Any) -> str:
    """The name PostgreSQL gives a constraint that has none."""
    suffixes = {"CONSTR_FOREIGN": "fkey", "CONSTR_UNIQUE": "key", "CONSTR_CHECK": "check", "CONSTR_PRIMARY": "pkey"}
    columns = strings(node.fk_attrs) or strings(node.keys)
    return chosen_name(table.name, () if kind == "CONSTR_PRIMARY" else columns, suffixes.get(kind, "excl"))


def _attach(world: World, parent: AssumedTable | None, node: Any) -> None:
    part = world.table(name_of(node.name))
    if parent is not None and node.HasField("bound"):
        _partition(parent, node.bound)
        if part is not None:
            part.keyed = part.filled = False
            for name in parent.columns:
                part.need(name)


def _alter_assumed(world: World, own: Name, table: AssumedTable, kind: str, command: Any) -> None:
    """Commands that name a column or constraint which must be there already."""
    if kind == "AT_AlterColumnType":
        _change_type(world, own, table, command)
    elif kind == "AT_ColumnDefault":
        column = table.need(command.name)
        if column is not None and command.HasField("def"):
            column.note(type_of_value(definition(command)))
    elif kind in _COLUMN_COMMANDS:
        column = table.need(command.name)
        if column is not None and kind == "AT_AddIdentity":
            column.note("bigint")
    elif kind == "AT_DropConstraint":
        if command.name.endswith("_pkey") and command.name not in table.own_constraints:
            table.key_name, table.keyed = command.name, True
        elif not command.missing_ok:
            table.need_constraint(command.name)
    elif kind == "AT_ValidateConstraint":
        table.need_constraint(command.name, valid=False)


_COLUMN_COMMANDS = frozenset(
    "AT_DropColumn AT_SetNotNull AT_DropNotNull AT_SetStatistics AT_SetStorage AT_SetOptions AT_AddIdentity"
    " AT_DropIdentity AT_SetIdentity AT_SetCompression AT_SetExpression AT_DropExpression".split()
)


def _change_type(world: World, own: Name, table: AssumedTable, command: Any) -> None:
    made = definition(command).column_def
    need_type(world, made.type_name, [])
    column = table.need(command.name)
    if column is None:
        return
    new = type_text(made.type_name)
    base = new.partition("(")[0]
    if made.HasField("raw_default"):
        if not column.kind:
            column.note("text", certain=True)
            column.held = new
        world.scan(made.raw_default, over(own))
    elif base in CHANGED_FROM:
        column.note(CHANGED_FROM[base], certain=True)
    else:
        column.note(new, certain=True)
