"""Small tools for query trees: reading, writing, conditions, and which table a column belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.schema import Column, Relation, Schema

GRAMMAR = postgast.pg_query_pb2
AGGREGATES = frozenset("count sum avg min max array_agg string_agg bool_and bool_or every json_agg jsonb_agg".split())


def select_of(sql: str) -> Any | None:
    """The tree of the one SELECT in ``sql``; ``None`` where it is anything else or cannot be read."""
    try:
        tree = postgast.parse(sql)
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return None
    if len(tree.stmts) != 1 or tree.stmts[0].stmt.WhichOneof("node") != "select_stmt":
        return None
    select = tree.stmts[0].stmt.select_stmt
    return None if select.HasField("into_clause") or select.locking_clause else select


def sql_of(select: Any) -> str:
    """A SELECT's tree as SQL."""
    tree = postgast.ParseResult(version=180000)
    tree.stmts.add().stmt.select_stmt.CopyFrom(select)
    return str(postgast.deparse(tree))


def text_of(expression: Any) -> str:
    """An expression's tree as SQL."""
    select = GRAMMAR.SelectStmt(limit_option=GRAMMAR.LIMIT_OPTION_DEFAULT, op=GRAMMAR.SETOP_NONE)
    select.target_list.add().res_target.val.CopyFrom(expression)
    return sql_of(select).removeprefix("SELECT ")


def expression_of(text: str) -> Any:
    """The tree of an expression's SQL."""
    return postgast.parse(f"SELECT {text}").stmts[0].stmt.select_stmt.target_list[0].res_target.val


def copied(message: Any) -> Any:
    """A copy of a tree, to be changed."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def nodes_in(message: Any) -> Iterator[Any]:
    """Every slot of a tree that holds an expression, the inner ones first; each can be changed in place."""
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for child in value if descriptor.is_repeated else [value]:
                yield from nodes_in(child)
    if message.DESCRIPTOR.name == "Node":
        yield message


def conjuncts(where: Any) -> list[Any]:
    """The conditions between the ANDs of a WHERE."""
    if where.WhichOneof("node") is None:
        return []
    if where.WhichOneof("node") == "bool_expr" and where.bool_expr.boolop == GRAMMAR.AND_EXPR:
        return [part for arg in where.bool_expr.args for part in conjuncts(arg)]
    return [where]


def set_where(select: Any, texts: Iterable[str]) -> None:
    """Let a SELECT have these conditions, all of them."""
    joined = " AND ".join(f"({text})" for text in texts)
    select.ClearField("where_clause")
    if joined:
        select.where_clause.CopyFrom(expression_of(joined))


def is_plain(select: Any) -> bool:
    """Whether a SELECT gives its rows one by one: no DISTINCT, grouping, aggregate, window, set operation."""
    functions = [node for _, node in _own(select) if node.DESCRIPTOR.name == "FuncCall"]
    aggregated = any(call.funcname[-1].string.sval in AGGREGATES or call.HasField("over") for call in functions)
    return (
        select.op == GRAMMAR.SETOP_NONE
        and not aggregated
        and not (select.distinct_clause or select.group_clause or select.window_clause or select.values_lists)
        and select.having_clause.WhichOneof("node") is None
        and not select.HasField("with_clause")
    )


def is_unlimited(select: Any) -> bool:
    """Whether it has neither LIMIT nor OFFSET."""
    return select.limit_count.WhichOneof("node") is None and select.limit_offset.WhichOneof("node") is None


def _own(select: Any) -> Iterator[tuple[str, Any]]:
    """Nodes of the select list and the HAVING, subqueries apart."""
    waiting = [target.res_target.val for target in select.target_list]
    while waiting:
        node = waiting.pop()
        kind = node.WhichOneof("node") if node.DESCRIPTOR.name == "Node" else None
        inner = getattr(node, kind) if kind else node
        if inner.DESCRIPTOR.name in ("SubLink", "SelectStmt"):
            continue
        yield "", inner
        for descriptor, value in inner.ListFields():
            if descriptor.message_type is not None:
                waiting += list(value) if descriptor.is_repeated else [value]


def words(column: Any) -> tuple[str, ...]:
    """The parts of a column reference; ``*`` for a star."""
    return tuple(part.string.sval if part.WhichOneof("node") == "string" else "*" for part in column.fields)


@dataclass(frozen=True)
class Reach:
    """A column with the table of the FROM it belongs to."""

    alias: str
    table: Relation
    column: Column


class Scope:
    """The tables of one SELECT's FROM.

    ``known`` is false where something else than plain tables and inner joins of them stands there: a column
    may then be NULL whatever its table says.
    """

    def __init__(self, select: Any, schema: Schema, hidden: frozenset[str] = frozenset()) -> None:
        self.hidden = hidden | {cte.common_table_expr.ctename for cte in select.with_clause.ctes}
        """Names that stand for WITH queries, here and further out."""
        self.tables: dict[str, Relation] = {}
        self.known = bool(select.from_clause)
        for item in select.from_clause:
            self._add(item, schema)

    def _add(self, item: Any, schema: Schema) -> None:
        kind = item.WhichOneof("node")
        if kind == "join_expr" and item.join_expr.jointype == GRAMMAR.JOIN_INNER and not item.join_expr.using_clause:
            if item.join_expr.is_natural or item.join_expr.HasField("alias"):
                self.known = False
            self._add(item.join_expr.larg, schema)
            self._add(item.join_expr.rarg, schema)
            return
        if kind != "range_var" or item.range_var.alias.colnames:
            self.known = False
            return
        place = item.range_var
        table = schema.table(place.relname, place.schemaname or "public")
        alias = place.alias.aliasname or place.relname
        shadowed = not place.schemaname and place.relname in self.hidden
        if table is None or shadowed or alias in self.tables:
            self.known = False
            return
        self.tables[alias] = table

    def column(self, node: Any) -> Reach | None:
        """What a column reference (as an expression) means; ``None`` where it is not certain."""
        if node.WhichOneof("node") != "column_ref" or not self.known:
            return None
        parts = words(node.column_ref)
        if parts[-1] == "*" or len(parts) > 2:
            return None
        aliases = [parts[0]] if len(parts) == 2 else list(self.tables)
        found = [
            Reach(alias, table, column)
            for alias in aliases
            if (table := self.tables.get(alias)) and (column := table.column(parts[-1]))
        ]
        return found[0] if len(found) == 1 else None

    def belongs(self, expression: Any) -> bool:
        """Whether every column in an expression is one of these tables, and it holds no subquery."""
        if any(True for _ in postgast.find_nodes(expression, GRAMMAR.SubLink)):
            return False
        for found in postgast.find_nodes(expression, GRAMMAR.ColumnRef):
            node = GRAMMAR.Node()
            node.column_ref.CopyFrom(found)
            if self.column(node) is None:
                return False
        return True

    @cached_property
    def keys(self) -> dict[str, list[frozenset[str]]]:
        """For each alias the sets of columns that are unique and never NULL."""
        return {alias: list(unique_keys(table)) for alias, table in self.tables.items()}

    def has_keys(self, select: Any) -> bool:
        """Whether the select list holds a unique key of every table, so that no row comes twice."""
        shown: dict[str, set[str]] = {alias: set() for alias in self.tables}
        for target in select.target_list:
            value = target.res_target.val
            if value.WhichOneof("node") == "column_ref" and words(value.column_ref)[-1] == "*":
                starred = words(value.column_ref)
                for alias in [starred[0]] if len(starred) == 2 else list(self.tables):
                    if alias in self.tables:
                        shown[alias] |= {column.name for column in self.tables[alias].columns}
            elif (reach := self.column(value)) is not None:
                shown[reach.alias].add(reach.column.name)
        return self.known and all(any(key <= shown[alias] for key in keys) for alias, keys in self.keys.items())


def unique_keys(table: Relation) -> Iterator[frozenset[str]]:
    """Sets of columns without NULL in which no two rows are equal: keys and whole unique indexes."""
    solid = {column.name for column in table.columns if not column.nullable}
    for constraint in table.constraints:
        never_null = constraint.kind == "primary" or set(constraint.columns) <= solid
        if constraint.kind in ("primary", "unique") and never_null and "DEFERRABLE" not in constraint.definition:
            yield frozenset(constraint.columns)
    for index in table.indexes:
        whole = index.unique and index.valid and not index.partial and not index.constraint and all(index.columns)
        if whole and set(index.columns) <= solid:
            yield frozenset(index.columns)


def operator_of(node: Any) -> str:
    """The operator of a plain ``a op b``; ``""`` for anything else."""
    if node.WhichOneof("node") != "a_expr" or node.a_expr.kind != GRAMMAR.AEXPR_OP:
        return ""
    if len(node.a_expr.name) != 1 or node.a_expr.lexpr.WhichOneof("node") is None:
        return ""
    return str(node.a_expr.name[0].string.sval)


def literal(node: Any) -> str | None:
    """The text of a constant, casts of it apart; ``None`` for anything else."""
    if node.WhichOneof("node") == "type_cast":
        return literal(node.type_cast.arg)
    if node.WhichOneof("node") != "a_const" or node.a_const.isnull:
        return None
    match node.a_const.WhichOneof("val"):
        case "ival":
            return str(node.a_const.ival.ival)
        case "fval":
            return str(node.a_const.fval.fval)
        case "sval":
            return str(node.a_const.sval.sval)
    return None


def function_of(node: Any) -> str:
    """The name of a called function without its schema ``pg_catalog``; ``""`` for anything else."""
    if node.WhichOneof("node") != "func_call":
        return ""
    parts = [part.string.sval for part in node.func_call.funcname]
    return str(parts[-1]) if len(parts) == 1 or parts[:-1] == ["pg_catalog"] else ""


def has_index_on(table: Relation, column: str) -> bool:
    """Whether some index begins with a column."""
    return any(index.columns[:1] == (column,) and not index.partial and index.valid for index in table.indexes)
