"""One table while its schema is derived, and how its parts are read from the syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import postgast

from knowledge.ddl import chosen_name, enum_name, strings
from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.schema import Column, Constraint, Index, Relation
from knowledge.type_names import column_type

KINDS = {
    "CONSTR_PRIMARY": "primary",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_FOREIGN": "foreign",
    "CONSTR_CHECK": "check",
    "CONSTR_EXCLUSION": "exclude",
    "CONSTR_NOTNULL": "not_null",
}
_SUFFIXES = {
    "primary": "pkey",
    "unique": "key",
    "foreign": "fkey",
    "check": "check",
    "exclude": "excl",
    "not_null": "not_null",
}


@dataclass
class MutableTable:
    """A table under construction; ``opaque`` where the text does not say its columns."""

    schema: str
    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    partitioned: bool = False
    partition_of: str = ""
    unlogged: bool = False
    opaque: bool = False

    @property
    def qualified(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.name}"

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns of the primary key, or ``()``."""
        return next((item.columns for item in self.constraints.values() if item.kind == "primary"), ())

    def frozen(self) -> Relation:
        """The table as the rules see it."""
        return Relation(
            schema=self.schema,
            name=self.name,
            columns=tuple(self.columns.values()),
            constraints=tuple(self.constraints.values()),
            indexes=tuple(self.indexes.values()),
            partitioned=self.partitioned,
            partition_of=self.partition_of,
            unlogged=self.unlogged,
        )

    def set_nullable(self, names: tuple[str, ...], *, nullable: bool) -> None:
        """Set or clear NOT NULL of some columns."""
        for name in names:
            column = self.columns.get(name)
            if column is not None and column.nullable is not nullable:
                self.columns[name] = replace(column, nullable=nullable)

    def rename_column(self, old: str, new: str) -> None:
        """Follow RENAME COLUMN through columns, constraints and indexes."""
        self.columns = {
            new if name == old else name: replace(column, name=new) if name == old else column
            for name, column in self.columns.items()
        }
        for key, constraint in self.constraints.items():
            self.constraints[key] = replace(constraint, columns=_renamed(constraint.columns, old, new))
        for key, index in self.indexes.items():
            changed = _renamed(index.columns, old, new)
            included = _renamed(index.included, old, new)
            if (changed, included) != (index.columns, index.included):
                before, using, rest = index.definition.partition(" USING ")
                written = re.sub(rf'(?<![\w"]){re.escape(quoted(old))}(?![\w"])', quoted(new), rest)
                definition = before + using + written
                self.indexes[key] = replace(index, columns=changed, included=included, definition=definition)

    def rename_constraint(self, old: str, new: str) -> None:
        """Follow RENAME CONSTRAINT, which renames the constraint's index too."""
        if old in self.constraints:
            self.constraints[new] = replace(self.constraints.pop(old), name=new)
        self.rename_index(old, new)

    def rename_index(self, old: str, new: str) -> None:
        """Follow ALTER INDEX ... RENAME."""
        if old in self.indexes:
            index = self.indexes.pop(old)
            self.indexes[new] = replace(index, name=new, constraint=new if index.constraint else "")


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


def without_column(table: MutableTable, name: str) -> None:
    """Drop a column with the constraints and indexes that use it."""
    table.columns.pop(name, None)
    table.constraints = {k: v for k, v in table.constraints.items() if name not in v.columns}
    table.indexes = {k: v for k, v in table.indexes.items() if name not in (*v.columns, *v.included)}


def column_of(table: MutableTable, name: str, node: Any, attached: list[tuple[str, Any]]) -> Column:
    """The column a ColumnDef makes; ``attached`` are its constraints by kind."""
    kind, serial = column_type(node.type_name)
    nullable, default, generated, identity = not serial, "", "", ""
    for what, constraint in attached:
        if what in ("CONSTR_NOTNULL", "CONSTR_PRIMARY"):
            nullable = False
        elif what == "CONSTR_DEFAULT":
            default = abridged(constraint.raw_expr)
        elif what == "CONSTR_IDENTITY":
            nullable, identity = False, "always" if constraint.generated_when == "a" else "by default"
        elif what == "CONSTR_GENERATED":
            generated = "virtual" if constraint.generated_kind == "v" else "stored"
    sequence = f"{table.schema}.{chosen_name(table.name, (name,), 'seq')}" if serial or identity else ""
    return Column(name, kind, nullable, default, generated, identity, sequence)


def constraint_of(
    table: MutableTable,
    kind: str,
    node: Any,
    columns: tuple[str, ...],
    name_of: Callable[[Any], str],
    key_of: Callable[[str], tuple[str, ...]],
) -> Constraint:
    """The constraint of ``kind`` (as in :data:`KINDS`) that a Constraint node makes."""
    target = ""
    target_columns: tuple[str, ...] = ()
    if kind == "foreign":
        columns = columns or strings(node.fk_attrs)
        target = name_of(node.pktable)
        target_columns = strings(node.pk_attrs) or key_of(target)
    elif kind != "check":
        columns = strings(node.keys) or columns
    return Constraint(
        name=node.conname or _free_name(table, kind, (*columns, *strings(node.including))),
        kind=kind,
        columns=columns,
        definition=_definition(kind, columns, target, target_columns, node),
        validated=not node.skip_validation,
        target=target,
        target_columns=target_columns,
    )


def _definition(kind: str, columns: tuple[str, ...], target: str, target_columns: tuple[str, ...], node: Any) -> str:
    words = {"primary": "PRIMARY KEY", "unique": "UNIQUE", "foreign": "FOREIGN KEY", "not_null": "NOT NULL"}
    parts = quoted_list(columns) if kind != "check" else _condition(node.raw_expr, columns)
    text = f"{words.get(kind, kind.upper())} ({parts})"
    if target:
        text += f" REFERENCES {target} ({quoted_list(target_columns)})"
    if kind in ("foreign", "check") and not node.is_enforced:
        text += " NOT ENFORCED"
    return text + (" NOT VALID" if node.skip_validation else "")


def _condition(expression: Any, columns: tuple[str, ...]) -> str:
    """``column IS NOT NULL`` where a CHECK says that, which spares a later scan; of others only the column."""
    if (
        expression.WhichOneof("node") == "null_test"
        and enum_name(expression.null_test, "nulltesttype") == "IS_NOT_NULL"
    ):
        tested = expression.null_test.arg
        if tested.WhichOneof("node") == "column_ref":
            return f"{quoted(tested.column_ref.fields[-1].string.sval)} IS NOT NULL"
        return f"{deparsed(tested)} IS NOT NULL"
    return quoted_list(columns)


def _free_name(table: MutableTable, kind: str, columns: tuple[str, ...]) -> str:
    parts = () if kind == "primary" or (kind == "check" and len(columns) != 1) else columns
    base = chosen_name(table.name, parts, _SUFFIXES[kind])
    taken = table.constraints.keys() | table.indexes.keys()
    number, name = 0, base
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


def index_of_constraint(table: MutableTable, constraint: Constraint, included: tuple[str, ...]) -> Index:
    """The index behind a primary key or unique constraint."""
    return Index(
        name=constraint.name,
        method="btree",
        columns=constraint.columns,
        definition=_definition_of(
            table, constraint.name, True, "btree", [quoted(name) for name in constraint.columns], included
        ),
        unique=True,
        primary=constraint.kind == "primary",
        included=included,
        constraint=constraint.name,
    )


def index_of(table: MutableTable, node: Any) -> Index:
    """The index a CREATE INDEX makes."""
    elements = [item.index_elem for item in node.index_params]
    columns = tuple(element.name for element in elements)
    included = tuple(item.index_elem.name for item in node.index_including_params)
    partial = f"({deparsed(node.where_clause)})" if node.HasField("where_clause") else ""
    name = node.idxname or _free_index_name(table, tuple(column or "expr" for column in columns))
    method = node.access_method or "btree"
    keys = [_element(element) for element in elements]
    nulls = " NULLS NOT DISTINCT" if node.nulls_not_distinct else ""
    return Index(
        name=name,
        method=method,
        columns=columns,
        definition=_definition_of(table, name, node.unique, method, keys, included, nulls, partial),
        unique=node.unique,
        partial=partial,
        included=included,
    )


def _free_index_name(table: MutableTable, columns: tuple[str, ...]) -> str:
    base = chosen_name(table.name, columns, "idx")
    number, name = 0, base
    while name in table.indexes:
        number += 1
        name = f"{base}{number}"
    return name


def _element(node: Any) -> str:
    if node.name:
        text = quoted(node.name)
    else:
        text = deparsed(node.expr)
        if node.expr.WhichOneof("node") != "func_call":
            text = f"({text})"
    if node.collation:
        text += f" COLLATE {'.'.join(map(quoted, strings(node.collation)))}"
    if node.opclass:
        text += f" {'.'.join(strings(node.opclass))}"
    descending = enum_name(node, "ordering") == "SORTBY_DESC"
    nulls = enum_name(node, "nulls_ordering")
    if descending:
        text += " DESC"
    if nulls == ("SORTBY_NULLS_LAST" if descending else "SORTBY_NULLS_FIRST"):
        text += " NULLS LAST" if descending else " NULLS FIRST"
    return text


def _definition_of(
    table: MutableTable,
    name: str,
    unique: bool,
    method: str,
    keys: list[str],
    included: tuple[str, ...] = (),
    nulls: str = "",
    partial: str = "",
) -> str:
    """An index as ``pg_get_indexdef`` writes it."""
    text = f"CREATE {'UNIQUE ' if unique else ''}INDEX {quoted(name)} "
    text += f"ON {qualified(table.schema, table.name)} USING {method} ({', '.join(keys)})"
    if included:
        text += f" INCLUDE ({quoted_list(included)})"
    return text + nulls + (f" WHERE {partial}" if partial else "")


def abridged(node: Any) -> str:
    """A default as text, without the arguments of a function call: cheaper than writing it back in full."""
    which = node.WhichOneof("node")
    if which == "func_call":
        return f"{node.func_call.funcname[-1].string.sval}(...)"
    if which == "type_cast":
        return abridged(node.type_cast.arg)
    if which == "a_const":
        constant = node.a_const
        return repr(constant.sval.sval) if constant.WhichOneof("val") == "sval" else "constant"
    return deparsed(node)


def deparsed(node: Any) -> str:
    """An expression as SQL text; what cannot be written back is ``"?"``."""
    tree = postgast.ParseResult(version=180000)
    target = tree.stmts.add().stmt.select_stmt
    target.target_list.add().res_target.val.CopyFrom(node)
    try:
        return str(postgast.deparse(tree)).removeprefix("SELECT ")
    except postgast.PgQueryError:
        return "?"
