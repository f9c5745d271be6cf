"""The select list, GROUP BY, DISTINCT, windows, ORDER BY and LIMIT of one SELECT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import postgast

from knowledge.ddl import enum_name
from knowledge.query.expressions import AGGREGATES, GRAMMAR, children_of, fields_of, kind_of, own_references
from knowledge.query.scope import Derived, Mention, Scope
from knowledge.query.shape_model import Key, SortKey


def enter_columns(node: Any, scope: Scope) -> None:
    """Let the tables know which of their columns a part of the query uses, subqueries apart."""
    if node.DESCRIPTOR.name == "SelectStmt":
        parts: Iterable[Any] = children_of(node)
    else:
        parts = (node,)
    for part in parts:
        for reference in own_references(part):
            _enter(reference, scope)


def _enter(reference: Any, scope: Scope) -> None:
    found = scope.find(reference)
    if found is not None:
        found[0].needed.add(found[1])
        return
    fields = fields_of(reference)
    alias = fields[-2] if len(fields) > 1 else ""
    if fields and fields[-1] == "*":
        for name, mention in scope.mentions.items():
            if alias in ("", name):
                mention.whole_row = True
        for name, derived in scope.derived.items():
            if alias in ("", name):
                for column in filter(None, derived.columns.values()):
                    column[0].needed.add(column[1])
    elif len(fields) == 1 and fields[0] in scope.mentions:  # the row as a value
        scope.mentions[fields[0]].whole_row = True


def enter_order(node: Any, scope: Scope, first: int, mentions: Sequence[Mention]) -> None:
    """Enter grouping, DISTINCT, windows, extremes, ORDER BY and LIMIT; ``first`` is the SELECT's first mention."""
    for keys in _groups(node):
        _enter_group(keys, scope)
    for call in _own_calls(node):
        name = call.funcname[-1].string.sval if call.funcname else ""
        key = scope.key(call.args[0]) if name in ("min", "max") and len(call.args) == 1 else None
        if key is not None and not call.HasField("over") and not node.group_clause:
            key[0].extremes.append(key[1])
    _enter_sort(node, scope)
    if kind_of(node.limit_count) and not _aggregates(node):
        for mention in mentions[first:]:
            mention.limited = True


def _groups(node: Any) -> Iterator[list[Any]]:
    if node.group_clause:
        yield [_resolved(item, node) for item in node.group_clause]
    if node.distinct_clause:
        chosen = [item for item in node.distinct_clause if kind_of(item)]
        yield chosen or [target.res_target.val for target in node.target_list]
    windows = [call.over for call in _own_calls(node) if call.HasField("over")]
    for window in [*windows, *(item.window_def for item in node.window_clause)]:
        if window.partition_clause or window.order_clause:
            yield [*window.partition_clause, *(item.sort_by.node for item in window.order_clause)]


def _enter_group(items: list[Any], scope: Scope) -> None:
    by_mention: dict[int, tuple[Mention, list[Key]]] = {}
    for item in items:
        key = scope.key(item)
        if key is not None:
            by_mention.setdefault(key[0].number, (key[0], []))[1].append(key[1])
    for mention, keys in by_mention.values():
        mention.groups.append(tuple(dict.fromkeys(keys)))


def _enter_sort(node: Any, scope: Scope) -> None:
    """Give the longest beginning of the ORDER BY that is of one table to that table."""
    found: list[tuple[Mention, SortKey]] = []
    for item in node.sort_clause:
        key = scope.key(_resolved(item.sort_by.node, node))
        if key is None or (found and key[0] is not found[0][0]):
            break
        descending = enum_name(item.sort_by, "sortby_dir") == "SORTBY_DESC"
        said = enum_name(item.sort_by, "sortby_nulls")
        nulls_first = descending if said == "SORTBY_NULLS_DEFAULT" else said == "SORTBY_NULLS_FIRST"
        found.append((key[0], SortKey(key[1], descending, nulls_first)))
    if found:
        found[0][0].sort = tuple(key for _, key in found)
        found[0][0].sort_complete = len(found) == len(node.sort_clause)


def _resolved(item: Any, node: Any) -> Any:
    """What an ORDER BY or GROUP BY item means: a place in the select list or an output name stand for that."""
    kind = kind_of(item)
    targets = [target.res_target for target in node.target_list]
    if kind == "a_const" and item.a_const.WhichOneof("val") == "ival":
        place = item.a_const.ival.ival - 1
        return targets[place].val if 0 <= place < len(targets) else item
    if kind == "column_ref":
        fields = fields_of(item.column_ref)
        named = [target for target in targets if len(fields) == 1 and target.name == fields[0]]
        return named[0].val if named else item
    return item


def _own_calls(node: Any) -> Iterator[Any]:
    """Function calls of the select list, HAVING and ORDER BY, subqueries apart."""
    waiting: list[Any] = [*node.target_list, node.having_clause, *node.sort_clause]
    while waiting:
        message = waiting.pop()
        if message.DESCRIPTOR.name == "SelectStmt":
            continue
        if message.DESCRIPTOR.name == "FuncCall":
            yield message
        waiting.extend(children_of(message))


def _aggregates(node: Any) -> bool:
    called = any(call.funcname[-1].string.sval in AGGREGATES for call in _own_calls(node) if call.funcname)
    return called or bool(node.group_clause or node.distinct_clause)


def output_of(node: Any, scope: Scope) -> Derived:
    """Which output columns of a SELECT are plainly columns of a table."""
    limited = kind_of(node.limit_count) or kind_of(node.limit_offset)
    derived = Derived(passing=not limited)
    for target in node.target_list:
        value, name = target.res_target.val, target.res_target.name
        if kind_of(value) != "column_ref":
            derived.columns.setdefault(name or _chosen(value), None)
            continue
        fields = fields_of(value.column_ref)
        if fields[-1] == "*":
            _star(fields[-2] if len(fields) > 1 else "", scope, derived)
        else:
            derived.columns.setdefault(name or fields[-1], scope.find(value.column_ref))
    return derived


def _star(alias: str, scope: Scope, derived: Derived) -> None:
    for name, mention in scope.mentions.items():
        if alias in ("", name):
            for column in mention.table.columns:
                derived.columns.setdefault(column.name, (mention, column.name))
    for name, inner in scope.derived.items():
        if alias in ("", name):
            derived.open = derived.open or inner.open
            for column_name, origin in inner.columns.items():
                derived.columns.setdefault(column_name, origin)


def _chosen(value: Any) -> str:
    """The name PostgreSQL gives an output column that has none: of a function, its own."""
    while kind_of(value) == "type_cast":
        value = value.type_cast.arg
    calls = list(postgast.find_nodes(value, GRAMMAR.FuncCall)) if kind_of(value) == "func_call" else []
    return str(calls[0].funcname[-1].string.sval) if calls and calls[0].funcname else "?column?"
