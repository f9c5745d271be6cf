"""The schema a script leaves behind, derived from its syntax trees alone: no engine, no guesses.

What the trees do not say (the columns of CREATE TABLE AS, what a DO block or function does) is left out.
Every object remembers the byte of the text that made it, so that findings can point there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.ddl import commands, definition, enum_name, strings
from knowledge.derived_table import (
    KINDS,
    MutableTable,
    column_of,
    constraint_of,
    deparsed,
    index_of,
    index_of_constraint,
    without_column,
)
from knowledge.places import Places
from knowledge.schema import Constraint, Relation, Schema
from knowledge.statement import Statement
from knowledge.type_names import type_text

_ASIDE = KINDS.keys() - {"CONSTR_NOTNULL", "CONSTR_CHECK"}
"""Constraints written beside a column that are kept as constraints of the table."""


@dataclass
class SchemaBuilder:
    """A schema that follows a script statement by statement."""

    tables: dict[str, MutableTable] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    views: dict[str, None] = field(default_factory=dict)
    schemas: set[str] = field(default_factory=lambda: {"public"})
    places: Places = field(default_factory=Places)
    default_schema: str = "public"
    _statement: Statement | None = None

    def apply(self, statement: Statement) -> None:
        """Follow one statement; kinds that do not change tables change nothing."""
        handler = _HANDLERS.get(statement.kind)
        if handler is not None and statement.node is not None:
            self._statement = statement
            handler(self, statement.node)

    def build(self) -> Schema:
        """The schema as it stands."""
        return Schema(
            tables=tuple(table.frozen() for table in self.tables.values()),
            enums=dict(self.enums),
            views=tuple(self.views),
        )

    def name_of(self, relation: Any) -> str:
        """``schema.table`` of a RangeVar."""
        return f"{relation.schemaname or self.default_schema}.{relation.relname}"

    def altered(self, relation: Any) -> MutableTable:
        """The table that is altered or indexed; one the text did not create is known from here on, but opaque."""
        name = self.name_of(relation)
        if name not in self.tables:
            schema, _, bare = name.partition(".")
            self.tables[name] = MutableTable(schema, bare, opaque=True)
        return self.tables[name]

    def find(self, relation: Any) -> MutableTable | None:
        """The table a RangeVar names, if the script made it."""
        return self.tables.get(self.name_of(relation))

    def relation(self, name: str) -> Relation | None:
        """The table called ``schema.table`` as it stands, as far as the text tells."""
        table = self.tables.get(name)
        return table.frozen() if table else None

    def mark(self, subject: str, byte: int) -> None:
        """Remember where ``subject`` was made."""
        if self._statement is not None:
            self.places.mark(subject, self._statement, byte)

    def _create_table(self, node: Any) -> None:
        name = self.name_of(node.relation)
        known = self.tables.get(name)
        if node.relation.relpersistence == "t" or (node.if_not_exists and known and not known.opaque):
            return
        schema, _, bare = name.partition(".")
        table = MutableTable(schema, bare)
        table.unlogged = node.relation.relpersistence == "u"
        table.partitioned = node.HasField("partspec")
        self.tables[name] = table
        self.mark(name, node.relation.location)
        for parent in node.inh_relations:
            source = self.find(parent.range_var)
            if source is not None:
                table.columns.update(source.columns)
        if node.HasField("partbound") and node.inh_relations:
            table.partition_of = self.name_of(node.inh_relations[0].range_var)
        later = []
        for item in node.table_elts:
            kind = item.WhichOneof("node")
            if kind == "column_def":
                self._add_column(table, item.column_def)
            elif kind == "constraint":
                later.append(item.constraint)
            elif kind == "table_like_clause":
                source = self.find(item.table_like_clause.relation)
                if source is not None:
                    table.columns.update(source.columns)
        for constraint in later:
            self._add_constraint(table, enum_name(constraint, "contype"), constraint)

    def _create_table_as(self, node: Any) -> None:
        if enum_name(node, "objtype") == "OBJECT_MATVIEW":
            self.views[self.name_of(node.into.rel)] = None
        elif node.into.rel.relpersistence != "t":
            name = self.name_of(node.into.rel)
            schema, _, bare = name.partition(".")
            self.tables.setdefault(name, MutableTable(schema, bare, opaque=True))
            self.mark(name, node.into.rel.location)

    def _add_column(self, table: MutableTable, node: Any) -> None:
        name = node.colname
        if name in table.columns:
            return
        attached = [(enum_name(held, "contype"), held) for held in [item.constraint for item in node.constraints]]
        table.columns[name] = column_of(table, name, node, attached)
        self.mark(f"{table.schema}.{table.name}.{name}", node.location)
        for kind, constraint in attached:
            if kind in _ASIDE:
                self._add_constraint(table, kind, constraint, (name,))

    def _add_constraint(self, table: MutableTable, kind: str, node: Any, columns: tuple[str, ...] = ()) -> None:
        if kind not in KINDS:
            return
        made = constraint_of(table, KINDS[kind], node, columns, self.name_of, self._key_of)
        if node.indexname:  # ADD PRIMARY KEY USING INDEX: an unnamed constraint takes the index's name
            named = replace(made, name=node.conname or node.indexname)
            self._adopt_index(table, named, node.indexname)
            return
        table.constraints[made.name] = made
        self.mark(f"{table.qualified}.{made.name}", node.location)
        if made.kind in ("primary", "not_null"):
            table.set_nullable(made.columns, nullable=False)
        if made.kind in ("primary", "unique"):
            table.indexes[made.name] = index_of_constraint(table, made, strings(node.including))

    def _adopt_index(self, table: MutableTable, made: Constraint, name: str) -> None:
        index = table.indexes.pop(name, None)
        if index is None:
            return
        primary = made.kind == "primary"
        table.indexes[made.name] = replace(index, name=made.name, constraint=made.name, primary=primary)
        table.constraints[made.name] = replace(made, columns=index.columns)
        if primary:
            table.set_nullable(index.columns, nullable=False)

    def _key_of(self, target: str) -> tuple[str, ...]:
        """Columns a foreign key without a column list points at."""
        table = self.tables.get(target)
        return table.primary_key if table else ()

    def _create_index(self, node: Any) -> None:
        if self.name_of(node.relation) in self.views:
            return
        table = self.altered(node.relation)
        made = index_of(table, node)
        if made.name in table.indexes and node.if_not_exists:
            return
        table.indexes[made.name] = made
        self.mark(f"{table.qualified}.{made.name}", node.relation.location)

    def _alter_table(self, node: Any) -> None:
        if enum_name(node, "objtype") != "OBJECT_TABLE":
            return
        table = self.altered(node.relation)
        for kind, command in commands(node):
            change = _CHANGES.get(kind)
            if change is not None:
                change(self, table, command)

    def _rename(self, node: Any) -> None:
        kind = enum_name(node, "rename_type")
        if kind == "OBJECT_TABLE" and (table := self.tables.pop(self.name_of(node.relation), None)):
            self.places.move(table.qualified, f"{table.schema}.{node.newname}")
            table.name = node.newname
            self.tables[table.qualified] = table
        elif kind == "OBJECT_COLUMN" and (table := self.find(node.relation)):
            self.places.move(f"{table.qualified}.{node.subname}", f"{table.qualified}.{node.newname}")
            table.rename_column(node.subname, node.newname)
        elif kind == "OBJECT_TABCONSTRAINT" and (table := self.find(node.relation)):
            table.rename_constraint(node.subname, node.newname)
        elif kind == "OBJECT_INDEX":
            for table in self.tables.values():
                if table.schema == (node.relation.schemaname or self.default_schema):
                    table.rename_index(node.relation.relname, node.newname)

    def _drop(self, node: Any) -> None:
        kind = enum_name(node, "remove_type")
        for item in node.objects:
            parts = strings(item.list.items)
            name = ".".join(parts) if len(parts) > 1 else f"{self.default_schema}.{''.join(parts)}"
            if kind == "OBJECT_TABLE":
                self.tables.pop(name, None)
            elif kind in ("OBJECT_VIEW", "OBJECT_MATVIEW"):
                self.views.pop(name, None)
            elif kind == "OBJECT_INDEX":
                schema, _, bare = name.partition(".")
                for table in self.tables.values():
                    if table.schema == schema:
                        table.indexes.pop(bare, None)

    def _create_view(self, node: Any) -> None:
        self.views[self.name_of(node.view)] = None

    def _create_enum(self, node: Any) -> None:
        parts = strings(node.type_name)
        self.enums[parts[-1] if len(parts) == 1 else ".".join(parts)] = strings(node.vals)

    def _create_schema(self, node: Any) -> None:
        name = node.schemaname or node.authrole.rolename
        self.schemas.add(name)
        outer, self.default_schema = self.default_schema, name
        for item in node.schema_elts:
            inner = getattr(item, item.WhichOneof("node"))
            handler = _HANDLERS.get(inner.DESCRIPTOR.name)
            if handler is not None:
                handler(self, inner)
        self.default_schema = outer

    def _set(self, node: Any) -> None:
        if node.name == "search_path" and node.args:
            first = node.args[0].a_const.sval.sval
            if first and not first.startswith(("$", "pg_")):
                self.default_schema = first


def _add_constraint(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    constraint = definition(command).constraint
    builder._add_constraint(table, enum_name(constraint, "contype"), constraint)


def _drop_column(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    without_column(table, command.name)


def _drop_constraint(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    table.constraints.pop(command.name, None)
    table.indexes = {key: index for key, index in table.indexes.items() if index.constraint != command.name}


def _change_type(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    column = table.columns.get(command.name)
    if column is not None:
        made = definition(command).column_def
        table.columns[command.name] = replace(column, type=type_text(made.type_name))
        builder.mark(f"{table.qualified}.{command.name}", made.location)


def _default(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    column = table.columns.get(command.name)
    if column is not None:
        has_one = command.HasField("def")
        text = deparsed(definition(command)) if has_one else ""
        table.columns[command.name] = replace(column, default=text)


def _identity(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    column = table.columns.get(command.name)
    if column is not None:
        table.columns[command.name] = replace(column, identity="by default", nullable=False)


def _validate(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    constraint = table.constraints.get(command.name)
    if constraint is not None:
        table.constraints[command.name] = replace(constraint, validated=True)


def _attach(builder: SchemaBuilder, table: MutableTable, command: Any) -> None:
    part = builder.find(definition(command).partition_cmd.name)
    if part is not None:
        part.partition_of = table.qualified


_Change = Callable[[SchemaBuilder, MutableTable, Any], None]
_CHANGES: dict[str, _Change] = {
    "AT_AddColumn": lambda builder, table, command: builder._add_column(table, definition(command).column_def),
    "AT_AddConstraint": _add_constraint,
    "AT_DropColumn": _drop_column,
    "AT_DropConstraint": _drop_constraint,
    "AT_AlterColumnType": _change_type,
    "AT_ColumnDefault": _default,
    "AT_AddIdentity": _identity,
    "AT_SetNotNull": lambda builder, table, command: table.set_nullable((command.name,), nullable=False),
    "AT_DropNotNull": lambda builder, table, command: table.set_nullable((command.name,), nullable=True),
    "AT_ValidateConstraint": _validate,
    "AT_AttachPartition": _attach,
}
_HANDLERS: dict[str, Callable[[SchemaBuilder, Any], None]] = {
    "CreateStmt": SchemaBuilder._create_table,
    "CreateTableAsStmt": SchemaBuilder._create_table_as,
    "IndexStmt": SchemaBuilder._create_index,
    "AlterTableStmt": SchemaBuilder._alter_table,
    "RenameStmt": SchemaBuilder._rename,
    "DropStmt": SchemaBuilder._drop,
    "ViewStmt": SchemaBuilder._create_view,
    "CreateEnumStmt": SchemaBuilder._create_enum,
    "CreateSchemaStmt": SchemaBuilder._create_schema,
    "VariableSetStmt": SchemaBuilder._set,
}


def derive(statements: Iterable[Statement]) -> SchemaBuilder:
    """Follow a whole script; ``.build()`` gives its schema, ``.places`` the places of its objects."""
    builder = SchemaBuilder()
    for statement in statements:
        builder.apply(statement)
    return builder
