"""What a statement asks of each table: filters, joins, order, groups, and the columns it needs.

It is read from PostgreSQL's own syntax tree and never changed. What is not understood is left out; it gives
fewer ideas for indexes and no wrong ones, since every idea is tried.
"""

from __future__ import annotations

from typing import Any

import postgast

from knowledge.ddl import enum_name, strings
from knowledge.formats.postgres_sql import read
from knowledge.query.conditions import conjuncts, join, read_conditions
from knowledge.query.expressions import GRAMMAR, kind_of, subqueries
from knowledge.query.from_clause import FromReader
from knowledge.query.scope import Derived, Scope
from knowledge.query.select_clauses import enter_columns, enter_order, output_of
from knowledge.query.shape_model import (
    Asked,
    Condition,
    Constant,
    JoinKey,
    Key,
    QueryShape,
    SortKey,
    TableUse,
)
from knowledge.schema import Schema

MAX_QUERY = 400_000
"""Characters of SQL above which a query is not read."""

_WRAPPINGS = frozenset({"ExplainStmt", "CreateTableAsStmt", "DeclareCursorStmt", "PrepareStmt", "CopyStmt"})


def read_query(sql: str, schema: Schema) -> QueryShape:
    """The shape of the first statement in ``sql``. Never raises: what cannot be read is told in ``notes``."""
    if len(sql) > MAX_QUERY:
        return QueryShape(notes=(f"a query of over {MAX_QUERY:,} characters is not read",))
    script = read(sql)
    if not script.statements:
        return QueryShape(notes=tuple(problem.message for problem in script.problems[:1]) or ("there is no statement",))
    statement = script.statements[0]
    if statement.node is None:
        return QueryShape(notes=("the statement is nested too deeply to be read",))
    node = statement.node
    while node.DESCRIPTOR.name in _WRAPPINGS and kind_of(node.query):
        node = getattr(node.query, kind_of(node.query))
    reader = _StatementReader(schema)
    kind = reader.statement(node, None, {}, 0)
    parameters = max((found.number for found in postgast.find_nodes(statement.node, GRAMMAR.ParamRef)), default=0)
    uses = tuple(mention.finished() for mention in reader.froms.mentions)
    return QueryShape(kind, uses, parameters, tuple(dict.fromkeys(reader.froms.notes)))


class _StatementReader:
    """Goes through a statement and all queries inside it."""

    def __init__(self, schema: Schema) -> None:
        self.froms = FromReader(schema, self.select)

    def statement(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> str:
        """Read any statement; returns its kind, ``""`` for one that is none of queries."""
        match node.DESCRIPTOR.name:
            case "SelectStmt":
                self.select(node, above, common, level)
                return "select"
            case "UpdateStmt":
                self._update(node, above, common, level)
                return "update"
            case "DeleteStmt":
                self._delete(node, above, common, level)
                return "delete"
            case "InsertStmt":
                self._insert(node, above, common, level)
                return "insert"
            case "MergeStmt":
                self._merge(node, above, common, level)
                return "merge"
            case _:
                return ""

    def select(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> Derived:
        """Read a SELECT; returns which of its output columns are plainly columns of a table."""
        common = self._with(node, above, common, level)
        if enum_name(node, "op") != "SETOP_NONE":
            derived = self.select(node.larg, above, common, level)
            self.select(node.rarg, above, common, level)
            return derived
        scope = Scope(above)
        first = len(self.froms.mentions)
        self.froms.read(node.from_clause, scope, common, level)
        for quals in self.froms.conditions_of(node.from_clause):
            self._where(quals, scope, common, level)
        self._where(node.where_clause, scope, common, level)
        self._where(node.having_clause, scope, common, level)
        enter_columns(node, scope)
        enter_order(node, scope, first, self.froms.mentions)
        for part in (*node.target_list, *node.group_clause, *node.sort_clause, *node.values_lists, node.limit_count):
            self._inside(part, scope, common, level)
        return output_of(node, scope)

    def _with(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> dict[str, Derived]:
        """The WITH queries a statement can see, its own read."""
        if not node.HasField("with_clause"):
            return common
        known = dict(common)
        for item in node.with_clause.ctes:
            cte = item.common_table_expr
            inner = getattr(cte.ctequery, kind_of(cte.ctequery))
            if node.with_clause.recursive:
                known[cte.ctename] = Derived(open=True, passing=False)
            if inner.DESCRIPTOR.name == "SelectStmt":
                derived = self.select(inner, above, known, level + 1)
                if names := strings(cte.aliascolnames):
                    derived = derived.renamed(names)
            else:
                self.statement(inner, above, known, level + 1)
                derived = Derived(open=True, passing=False)
            if enum_name(cte, "ctematerialized") == "CTEMaterializeAlways" or node.with_clause.recursive:
                derived.passing = False
            known[cte.ctename] = derived
        return known

    def _where(self, node: Any, scope: Scope, common: dict[str, Derived], level: int) -> None:
        for part in conjuncts(node):
            link = part.sub_link if kind_of(part) == "sub_link" else None
            if link is not None and enum_name(link, "sub_link_type") == "ANY_SUBLINK" and kind_of(link.testexpr):
                inner = self.select(link.subselect.select_stmt, scope, common, level + 1)
                key, column = scope.key(link.testexpr), next(iter(inner.columns.values()), None)
                if key is not None and column is not None and key[0] is not column[0]:
                    join(key, (column[0], Key(column[1], "", (column[1],))))
                self._inside(link.testexpr, scope, common, level)
            elif (existing := _existing(part)) is not None:
                self.select(existing, scope, common, level + 1)
            else:
                read_conditions(part, scope)
                self._inside(part, scope, common, level)
        enter_columns(node, scope)

    def _inside(self, node: Any, scope: Scope, common: dict[str, Derived], level: int) -> None:
        for inner in subqueries(node):
            self.select(inner, scope, common, level + 1)

    def _update(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> None:
        common = self._with(node, above, common, level)
        scope = Scope(above)
        target = self.froms.target(node.relation, scope, level, "update")
        self.froms.read(node.from_clause, scope, common, level)
        for quals in self.froms.conditions_of(node.from_clause):
            self._where(quals, scope, common, level)
        self._where(node.where_clause, scope, common, level)
        if target is not None:
            target.changed.update(item.res_target.name for item in node.target_list)
        for part in (*node.target_list, *_returned(node)):
            enter_columns(part, scope)
            self._inside(part, scope, common, level)

    def _delete(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> None:
        common = self._with(node, above, common, level)
        scope = Scope(above)
        self.froms.target(node.relation, scope, level, "delete")
        self.froms.read(node.using_clause, scope, common, level)
        for quals in self.froms.conditions_of(node.using_clause):
            self._where(quals, scope, common, level)
        self._where(node.where_clause, scope, common, level)
        for part in _returned(node):
            enter_columns(part, scope)

    def _insert(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> None:
        common = self._with(node, above, common, level)
        scope = Scope(above)
        self.froms.target(node.relation, scope, level, "insert")
        if kind_of(node.select_stmt) == "select_stmt":
            self.select(node.select_stmt.select_stmt, above, common, level)

    def _merge(self, node: Any, above: Scope | None, common: dict[str, Derived], level: int) -> None:
        common = self._with(node, above, common, level)
        scope = Scope(above)
        target = self.froms.target(node.relation, scope, level, "merge")
        self.froms.read([node.source_relation], scope, common, level)
        for quals in self.froms.conditions_of([node.source_relation]):
            self._where(quals, scope, common, level)
        self._where(node.join_condition, scope, common, level)
        for item in node.merge_when_clauses:
            clause = item.merge_when_clause
            enter_columns(clause, scope)
            self._inside(clause, scope, common, level)
            if target is not None and enum_name(clause, "command_type") == "CMD_UPDATE":
                target.changed.update(part.res_target.name for part in clause.target_list)


def _existing(part: Any) -> Any | None:
    """The query of an EXISTS or NOT EXISTS without its select list: nothing of that is needed."""
    if kind_of(part) == "bool_expr" and part.bool_expr.boolop == GRAMMAR.NOT_EXPR:
        part = part.bool_expr.args[0]
    if kind_of(part) != "sub_link" or enum_name(part.sub_link, "sub_link_type") != "EXISTS_SUBLINK":
        return None
    if kind_of(part.sub_link.subselect) != "select_stmt":
        return None
    select = type(part.sub_link.subselect.select_stmt)()
    select.CopyFrom(part.sub_link.subselect.select_stmt)
    del select.target_list[:]
    return select


def _returned(node: Any) -> tuple[Any, ...]:
    """What RETURNING gives: older and newer trees keep it in a clause of its own."""
    return (node.returning_clause,) if node.HasField("returning_clause") else ()


__all__ = [
    "Asked",
    "Condition",
    "Constant",
    "JoinKey",
    "Key",
    "QueryShape",
    "SortKey",
    "TableUse",
    "read_query",
]
