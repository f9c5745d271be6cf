"""What each kind of statement needs to find in the database before it can run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.ddl import chosen_name, commands, constraints, definition, enum_name, strings
from knowledge.synthesis.guesses import CHANGED_FROM, type_of_value
from knowledge.synthesis.tables import AssumedTable
from knowledge.synthesis.types import need_type
from knowledge.synthesis.uses import Name, over, uses
from knowledge.synthesis.world import World
from knowledge.type_names import type_text


def name_of(relation: Any) -> Name:
    """Schema and table of a RangeVar."""
    return relation.schemaname, relation.relname


def _name(parts: tuple[str, ...]) -> Name:
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", parts[0])


def need(world: World, kind: str, node: Any) -> None:
    """Collect the needs of one statement."""
    handler = _HANDLERS.get(kind)
    if handler is not None:
        handler(world, node)
    elif kind in _SCANNED:
        world.scan(node)


def _create_table(world: World, node: Any) -> None:
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


def _alter_table(world: World, node: Any) -> None:
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


def _uses_besides(expression: Any, own: Name, column: str) -> Any:
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


def _create_index(world: World, node: Any) -> None:
    own = name_of(node.relation)
    table = world.table(own)
    method = node.access_method
    for item in node.index_params:
        element = item.index_elem
        column = table.need(element.name) if table is not None and element.name else None
        operators = strings(element.opclass)[-1:] or ("",)
        if operators[0].endswith("_trgm_ops"):
            world.extensions.setdefault("pg_trgm")
        if column is not None:
            column.distinct = column.distinct or node.unique
            kind = "text" if "trgm" in operators[0] or "pattern" in operators[0] else ""
            column.note(kind or ("jsonb" if method == "gin" and column.type == "text" else ""))
        if element.HasField("expr"):
            world.scan(element.expr, over(own))
    for item in node.index_including_params:
        if table is not None and item.index_elem.name:
            table.need(item.index_elem.name)
    if node.HasField("where_clause"):
        world.scan_condition(node.where_clause, over(own))


def _rename(world: World, node: Any) -> None:
    kind = enum_name(node, "rename_type")
    own = name_of(node.relation)
    if kind == "OBJECT_TABLE":
        table = world.table(own, force=True)
        if table is not None:
            world.aliases[f"{table.schema}.{node.newname}"] = table.qualified
    elif kind == "OBJECT_COLUMN" and enum_name(node, "relation_type") == "OBJECT_TABLE":
        table = world.table(own)
        if table is not None and table.need(node.subname) is not None:
            table.added.add(node.newname)
    elif kind == "OBJECT_TABCONSTRAINT":
        table = world.table(own)
        if table is not None:
            table.need_constraint(node.subname)
            table.own_constraints.add(node.newname)
    elif kind == "OBJECT_INDEX":
        _index_of_nobody(world, own, missing_ok=node.missing_ok)


def _drop(world: World, node: Any) -> None:
    kind = enum_name(node, "remove_type")
    for item in node.objects:
        if item.WhichOneof("node") != "list":
            continue
        parts = strings(item.list.items)
        name = _name(parts)
        if kind == "OBJECT_TABLE":
            key = f"{name[0] or world.builder.default_schema}.{name[1]}"
            if not (node.missing_ok and key in world.later):
                world.table(name, force=True)
        elif kind == "OBJECT_INDEX":
            _index_of_nobody(world, name, missing_ok=node.missing_ok)
        elif kind in ("OBJECT_TRIGGER", "OBJECT_POLICY") and len(parts) > 1:
            world.table(_name(parts[:-1]))


def _index_of_nobody(world: World, name: Name, *, missing_ok: bool) -> None:
    """An index of a table that nothing names: it gets a table of its own."""
    schema = name[0] or world.builder.default_schema
    known = any(name[1] in table.indexes for table in world.builder.tables.values() if table.schema == schema)
    assumed = any(name[1] in table.indexes for table in world.tables.values())
    if known or assumed:
        return
    guess = name[1].removeprefix("idx_").removeprefix("index_").removesuffix("_idx")
    owner = next((table for table in world.tables.values() if guess.startswith(table.name)), None)
    table = owner or world.table((schema, f"{guess}_table"))
    if table is not None:
        table.indexes[name[1]] = False


def _trigger(world: World, node: Any) -> None:
    own = name_of(node.relation)
    table = world.table(own)
    function = strings(node.funcname)
    if function[-1] not in world.functions and not function[-1].startswith(("tsvector_", "suppress_")):
        world.triggers.setdefault(".".join(function))
    if table is not None:
        for name in strings(node.columns):
            table.need(name)
        if node.HasField("when_clause"):
            world.scan_condition(node.when_clause, over(own, "old", "new"))


def _policy(world: World, node: Any) -> None:
    own = name_of(node.table)
    world.table(own)
    for part in ("qual", "with_check"):
        if node.HasField(part):
            world.scan_condition(getattr(node, part), over(own))
    for item in node.roles:
        world.role(item.role_spec)


def _comment(world: World, node: Any) -> None:
    kind = enum_name(node, "objtype")
    if node.object.WhichOneof("node") != "list":
        return
    parts = strings(node.object.list.items)
    if kind == "OBJECT_TABLE":
        world.table(_name(parts))
    elif kind == "OBJECT_COLUMN" and len(parts) > 1:
        table = world.table(_name(parts[:-1]))
        if table is not None:
            table.need(parts[-1])


def _grant(world: World, node: Any) -> None:
    if enum_name(node, "objtype") == "OBJECT_TABLE":
        for item in node.objects:
            if item.WhichOneof("node") == "range_var":
                world.table(name_of(item.range_var))
    for item in node.grantees:
        world.role(item.role_spec)


def _relations(world: World, node: Any) -> None:
    for item in node.relations:
        which = item.WhichOneof("node")
        if which == "range_var":
            world.table(name_of(item.range_var))


def _relation(world: World, node: Any) -> None:
    if node.HasField("relation") and node.relation.relname:
        table = world.table(name_of(node.relation))
        if table is not None:
            for name in strings(getattr(node, "attlist", ())):
                table.need(name)
    if "query" in node.DESCRIPTOR.fields_by_name and node.HasField("query"):
        world.scan(node.query)


def _reindex(world: World, node: Any) -> None:
    kind = enum_name(node, "kind")
    if kind == "REINDEX_OBJECT_TABLE":
        world.table(name_of(node.relation))
    elif kind == "REINDEX_OBJECT_INDEX":
        _index_of_nobody(world, name_of(node.relation), missing_ok=False)


def _insert(world: World, node: Any) -> None:
    """ON CONFLICT (columns) needs them to be unique."""
    world.scan(node)
    columns = tuple(item.index_elem.name for item in node.on_conflict_clause.infer.index_elems)
    own = name_of(node.relation)
    table = world.table(own)
    known = world.builder.find(node.relation)
    enforced = known is not None and any(index.columns == columns for index in known.indexes.values() if index.unique)
    if table is not None and columns and all(columns) and not enforced and not table.added & set(columns):
        table.unique.setdefault(columns)


def _vacuum(world: World, node: Any) -> None:
    for item in node.rels:
        world.table(name_of(item.vacuum_relation.relation))


def _alter_enum(world: World, node: Any) -> None:
    parts = strings(node.type_name)
    if parts[-1] not in world.types:
        labels = world.enums.setdefault(".".join(parts), {})
        for label in (node.old_val, node.new_val_neighbor):
            if label:
                labels.setdefault(label)
        world.need_schema(parts[0] if len(parts) > 1 else "")


def _set_schema(world: World, node: Any) -> None:
    if enum_name(node, "object_type") == "OBJECT_TABLE":
        table = world.table(name_of(node.relation), force=True)
        if table is not None:
            world.aliases[f"{node.newschema}.{table.name}"] = table.qualified
    world.need_schema(node.newschema)


_SCANNED = frozenset(
    "SelectStmt UpdateStmt DeleteStmt MergeStmt ViewStmt CreateTableAsStmt ExplainStmt PrepareStmt"
    " DeclareCursorStmt".split()
)
_HANDLERS: dict[str, Callable[[World, Any], None]] = {
    "CreateStmt": _create_table,
    "AlterTableStmt": _alter_table,
    "InsertStmt": _insert,
    "IndexStmt": _create_index,
    "RenameStmt": _rename,
    "DropStmt": _drop,
    "CreateTrigStmt": _trigger,
    "CreatePolicyStmt": _policy,
    "AlterPolicyStmt": _policy,
    "CommentStmt": _comment,
    "GrantStmt": _grant,
    "TruncateStmt": _relations,
    "LockStmt": _relations,
    "CopyStmt": _relation,
    "ClusterStmt": _relation,
    "ReindexStmt": _reindex,
    "VacuumStmt": _vacuum,
    "AlterEnumStmt": _alter_enum,
    "AlterObjectSchemaStmt": _set_schema,
}
