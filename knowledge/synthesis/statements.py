"""What each kind of statement needs to find in the database before it can run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.ddl import enum_name, strings
from knowledge.synthesis.definitions import alter_table, create_table, name_of
from knowledge.synthesis.uses import Name, over
from knowledge.synthesis.world import World


def _name(parts: tuple[str, ...]) -> Name:
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", parts[0])


def need(world: World, kind: str, node: Any) -> None:
    """Collect the needs of one statement."""
    handler = _HANDLERS.get(kind)
    if handler is not None:
        handler(world, node)
    elif kind in _SCANNED:
        world.scan(node)


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
    named = {item.res_target.name for item in node.cols}
    if table is not None and named and "id" not in named:
        table.numbered = True
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
    "CreateStmt": create_table,
    "AlterTableStmt": alter_table,
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
