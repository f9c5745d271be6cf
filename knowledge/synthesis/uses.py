"""Which tables and columns an expression or a query uses, with what each use says about the column's type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.ddl import strings
from knowledge.synthesis.guesses import literal, type_of_argument, type_of_operand, type_of_value

Name = tuple[str, str]
"""Schema (``""`` where the text names none) and table."""

_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_READ_ALREADY = frozenset({"with_clause", "from_clause", "using_clause", "relation", "source_relation"})
_QUERIES = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


@dataclass(frozen=True)
class Use:
    """A table that is used, and maybe one of its columns. ``among`` holds the tables it may belong to, when
    the text does not say which."""

    table: Name
    column: str = ""
    kind: str = ""
    literals: tuple[str, ...] = ()
    among: tuple[Name, ...] = ()


@dataclass
class Scope:
    """Names visible in a query: tables by alias, and names that are no tables (CTEs, subqueries)."""

    tables: dict[str, Name] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    outer: Scope | None = None

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def hides(self, name: str) -> bool:
        """Whether a bare table name means a CTE."""
        return any(name in scope.others for scope in self.chain())

    def resolve(self, parts: tuple[str, ...]) -> Use | None:
        """The use a column reference stands for, or ``None`` if it is no table's column."""
        *qualifier, column = parts
        if column in _SYSTEM_COLUMNS:
            return None
        if qualifier:
            for scope in self.chain():
                if qualifier[-1] in scope.tables:
                    return Use(scope.tables[qualifier[-1]], column)
            return None
        for scope in self.chain():
            if scope.others and scope.tables:
                return None
            if scope.tables:
                tables = tuple(dict.fromkeys(scope.tables.values()))
                return Use(tables[0], column, among=tables)
            if scope.others:
                return None
        return None


def over(table: Name, *aliases: str) -> Scope:
    """A scope with one table, under its own name and others (``old``, ``new``)."""
    return Scope(dict.fromkeys((table[1], *aliases), table))


def uses(node: Any, scope: Scope) -> Iterator[Use]:
    """Every use inside ``node``; queries in it open scopes of their own."""
    name = node.DESCRIPTOR.name
    if name == "Node":
        which = node.WhichOneof("node")
        if which is not None:
            yield from uses(getattr(node, which), scope)
    elif name in _QUERIES:
        yield from _query(node, scope)
    elif name == "RangeVar":
        if node.relname and not (not node.schemaname and scope.hides(node.relname)):
            yield Use((node.schemaname, node.relname))
    elif name == "ColumnRef":
        yield from _column(node, scope)
    elif name == "A_Expr":
        yield from _operator(node, scope)
    elif name == "FuncCall":
        yield from _call(node, scope)
    elif name == "BoolExpr":
        for item in node.args:
            yield from hinted(item, scope, "boolean")
    else:
        yield from _children(node, scope)


def hinted(node: Any, scope: Scope, kind: str, literals: tuple[str, ...] = ()) -> Iterator[Use]:
    """Like :func:`uses`, where a bare column at the top is known to have type ``kind``."""
    if node.WhichOneof("node") == "column_ref":
        for use in _column(node.column_ref, scope):
            yield Use(use.table, use.column, kind, literals, use.among)
    else:
        yield from uses(node, scope)


def _children(node: Any, scope: Scope) -> Iterator[Use]:
    for descriptor, value in node.ListFields():
        if descriptor.type != descriptor.TYPE_MESSAGE:
            continue
        for item in value if descriptor.is_repeated else (value,):
            yield from uses(item, scope)


def _column(node: Any, scope: Scope) -> Iterator[Use]:
    parts = tuple(item.string.sval for item in node.fields if item.WhichOneof("node") == "string")
    if len(parts) == len(node.fields) and parts:
        use = scope.resolve(parts)
        if use is not None:
            yield use


def _operator(node: Any, scope: Scope) -> Iterator[Use]:
    operator = node.name[-1].string.sval if node.name else ""
    required = type_of_operand(operator)
    for this, other in ((node.lexpr, node.rexpr), (node.rexpr, node.lexpr)):
        listed = list(other.list.items) if other.WhichOneof("node") == "list" else [other]
        kind = required or next((found for item in listed if (found := type_of_value(item))), "")
        values = tuple(text for item in listed if (text := literal(item)) is not None)
        equality = operator in ("=", "<>") and not required
        yield from hinted(this, scope, kind, values if equality else ())


def _call(node: Any, scope: Scope) -> Iterator[Use]:
    kind = type_of_argument(node.funcname[-1].string.sval if node.funcname else "")
    for item in node.args:
        yield from hinted(item, scope, kind if kind else "")
    for part in ("agg_filter", "over"):
        if node.HasField(part):
            yield from uses(getattr(node, part), scope)
    for item in node.agg_order:
        yield from uses(item, scope)


def _query(node: Any, outer: Scope) -> Iterator[Use]:
    scope = Scope(outer=outer)
    name = node.DESCRIPTOR.name
    if node.HasField("with_clause"):
        scope = Scope(others={item.common_table_expr.ctename for item in node.with_clause.ctes}, outer=outer)
        for item in node.with_clause.ctes:
            yield from uses(item.common_table_expr.ctequery, scope)
        scope = Scope(outer=scope)
    if name == "SelectStmt":
        for item in node.from_clause:
            yield from _source(item, scope)
    else:
        target = (node.relation.schemaname, node.relation.relname)
        yield Use(target)
        scope.tables[node.relation.alias.aliasname or target[1]] = target
        for item in (*getattr(node, "from_clause", ()), *getattr(node, "using_clause", ())):
            yield from _source(item, scope)
        if name == "MergeStmt":
            yield from _source(node.source_relation, scope)
            for item in node.merge_when_clauses:
                for assigned in item.merge_when_clause.target_list:
                    yield Use(target, assigned.res_target.name, type_of_value(assigned.res_target.val))
        if name == "InsertStmt":
            yield from _insert(node, target, scope)
            return
        yield from _targets(node, target, scope)
    for descriptor, value in node.ListFields():
        if descriptor.name in _READ_ALREADY or (descriptor.name == "target_list" and name == "UpdateStmt"):
            continue
        if descriptor.type != descriptor.TYPE_MESSAGE:
            continue
        for item in value if descriptor.is_repeated else (value,):
            if descriptor.name == "where_clause":
                yield from hinted(item, scope, "boolean")
            else:
                yield from uses(item, scope)


def _source(node: Any, scope: Scope) -> Iterator[Use]:
    """One item of FROM: fills the scope and yields the uses inside."""
    which = node.WhichOneof("node")
    item: Any = getattr(node, which) if which else None
    if which == "range_var":
        alias = item.alias.aliasname or item.relname
        if not item.schemaname and scope.hides(item.relname):
            scope.others.add(alias)
        else:
            scope.tables[alias] = (item.schemaname, item.relname)
            yield Use((item.schemaname, item.relname))
    elif which == "join_expr":
        yield from _source(item.larg, scope)
        yield from _source(item.rarg, scope)
        yield from uses(item.quals, scope)
        for column in strings(item.using_clause):
            for table in tuple(scope.tables.values()):
                yield Use(table, column)
    elif item is not None:
        alias = getattr(getattr(item, "alias", None), "aliasname", "")
        yield from uses(item, scope)
        scope.others.add(alias or "?")


def _targets(node: Any, target: Name, scope: Scope) -> Iterator[Use]:
    """``SET column = value`` of an UPDATE."""
    for item in getattr(node, "target_list", ()):
        assigned = item.res_target
        yield Use(target, assigned.name, type_of_value(assigned.val))
        yield from uses(assigned.val, scope)


def _insert(node: Any, target: Name, scope: Scope) -> Iterator[Use]:
    columns = [item.res_target.name for item in node.cols]
    select = node.select_stmt.select_stmt
    rows = [row.list.items for row in select.values_lists]
    for position, column in enumerate(columns):
        kinds = (type_of_value(row[position]) for row in rows if position < len(row))
        yield Use(target, column, next((kind for kind in kinds if kind), ""))
    if node.HasField("select_stmt"):
        yield from uses(node.select_stmt, Scope(outer=scope.outer))
    if node.HasField("on_conflict_clause"):
        for item in node.on_conflict_clause.infer.index_elems:
            if item.index_elem.name:
                yield Use(target, item.index_elem.name)
        for item in node.on_conflict_clause.target_list:
            yield Use(target, item.res_target.name)
    for item in getattr(node, "returning_list", ()):
        yield from uses(item, scope)
