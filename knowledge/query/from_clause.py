"""The FROM of a query: tables, subqueries, WITH queries, functions, and the joins between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from knowledge.ddl import strings
from knowledge.query.conditions import join
from knowledge.query.expressions import kind_of
from knowledge.query.scope import MAX_USES, Derived, Mention, Scope
from knowledge.query.shape_model import Key
from knowledge.schema import Relation, Schema

Selecting = Callable[[Any, Scope | None, dict[str, Derived], int], Derived]


class FromReader:
    """Enters what stands in a FROM into a scope; keeps all mentions of tables in the order of the text."""

    def __init__(self, schema: Schema, select: Selecting) -> None:
        self.mentions: list[Mention] = []
        self.notes: list[str] = []
        self._schema = schema
        self._select = select

    def read(self, items: Iterable[Any], scope: Scope, common: dict[str, Derived], level: int) -> None:
        """All items of a FROM."""
        for item in items:
            self._item(item, scope, common, level)

    def target(self, relation: Any, scope: Scope, level: int, role: str) -> Mention | None:
        """The table that a statement changes."""
        mention = self._table(relation, scope, level)
        if mention is not None:
            mention.role = role
        return mention

    def conditions_of(self, items: Iterable[Any]) -> Iterator[Any]:
        """The ON conditions of all joins."""
        for item in items:
            if kind_of(item) == "join_expr":
                yield from self.conditions_of((item.join_expr.larg, item.join_expr.rarg))
                if kind_of(item.join_expr.quals):
                    yield item.join_expr.quals

    def _item(self, item: Any, scope: Scope, common: dict[str, Derived], level: int) -> list[str]:
        """Enter one item; returns the aliases it brings."""
        match kind_of(item):
            case "range_var":
                return self._relation(item.range_var, scope, common, level)
            case "range_table_sample":
                return self._item(item.range_table_sample.relation, scope, common, level)
            case "range_subselect":
                return self._subselect(item.range_subselect, scope, common, level)
            case "join_expr":
                left = self._item(item.join_expr.larg, scope, common, level)
                right = self._item(item.join_expr.rarg, scope, common, level)
                self._merged(item.join_expr, left, right, scope)
                return [*left, *right]
            case "":
                return []
            case kind:
                alias = getattr(item, kind).alias.aliasname
                scope.derived[alias] = Derived(open=True)
                return [alias]

    def _relation(self, relation: Any, scope: Scope, common: dict[str, Derived], level: int) -> list[str]:
        alias = relation.alias.aliasname or relation.relname
        if not relation.schemaname and relation.relname in common:
            names = strings(relation.alias.colnames)
            scope.derived[alias] = common[relation.relname].renamed(names) if names else common[relation.relname]
            return [alias]
        if self._table(relation, scope, level) is None:
            scope.derived[alias] = Derived(open=True)
        return [alias]

    def _table(self, relation: Any, scope: Scope, level: int) -> Mention | None:
        """Enter a table; ``None`` where the schema has no such table."""
        table = self._found(relation.schemaname, relation.relname)
        if table is None:
            self.notes.append(f"{relation.relname} is no table of the schema: what is asked of it was not looked at")
            return None
        if len(self.mentions) >= MAX_USES:
            self.notes.append(f"only the first {MAX_USES} mentions of tables were looked at")
            return None
        alias = relation.alias.aliasname or relation.relname
        mention = Mention(len(self.mentions), table, alias, level)
        self.mentions.append(mention)
        if names := strings(relation.alias.colnames):  # columns under other names are looked up as a subquery's
            own = Derived({column.name: (mention, column.name) for column in table.columns})
            scope.derived[alias] = own.renamed(names)
        else:
            scope.mentions[alias] = mention
        return mention

    def _found(self, schema: str, name: str) -> Relation | None:
        if schema:
            return self._schema.by_name.get(f"{schema}.{name}")
        own = self._schema.by_name.get(f"public.{name}")
        others = [table for table in self._schema.tables if table.name == name]
        return own or (others[0] if len(others) == 1 else None)

    def _subselect(self, item: Any, scope: Scope, common: dict[str, Derived], level: int) -> list[str]:
        alias = item.alias.aliasname
        inner = item.subquery
        if kind_of(inner) != "select_stmt":
            derived = Derived(open=True)
        else:
            derived = self._select(inner.select_stmt, scope, common, level + 1)
        names = strings(item.alias.colnames)
        scope.derived[alias] = derived.renamed(names) if names else derived
        return [alias]

    def _merged(self, node: Any, left: list[str], right: list[str], scope: Scope) -> None:
        """Enter the equalities that USING and NATURAL stand for."""
        names = strings(node.using_clause)
        if node.is_natural:
            names = tuple(name for name in _columns(left, scope) if name in set(_columns(right, scope)))
        for name in names:
            one, other = _owner(left, name, scope), _owner(right, name, scope)
            for mention in (one, other):
                if mention is not None:
                    mention[0].needed.add(mention[1])
            if one is not None and other is not None and one[0] is not other[0]:
                join((one[0], _plain(one[1])), (other[0], _plain(other[1])))


def _plain(column: str) -> Key:
    return Key(column, "", (column,))


def _columns(aliases: list[str], scope: Scope) -> list[str]:
    found: list[str] = []
    for alias in aliases:
        if alias in scope.mentions:
            found += [column.name for column in scope.mentions[alias].table.columns]
        elif alias in scope.derived:
            found += list(scope.derived[alias].columns)
    return list(dict.fromkeys(found))


def _owner(aliases: list[str], name: str, scope: Scope) -> tuple[Mention, str] | None:
    for alias in aliases:
        mention = scope.mentions.get(alias)
        if mention is not None and mention.table.column(name):
            return mention, name
        column = scope.derived[alias].columns.get(name) if alias in scope.derived else None
        if column is not None:
            return column
    return None
