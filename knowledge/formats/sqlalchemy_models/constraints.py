"""What SQLAlchemy models declare beside their columns: keys, references, conditions and indexes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from knowledge import schema_parts
from knowledge.formats.models.reading import Reading, columns_of
from knowledge.formats.sqlalchemy_models.columns import ReadTable
from knowledge.formats.sqlalchemy_models.conventions import Conventions
from knowledge.formats.sqlalchemy_models.module import Module, called, is_true, keyword, text, texts, word

_COUNTED = ("integer", "bigint", "smallint")
_LIVE = re.compile(r"\\:")


class Constraints:
    """Puts constraints into tables whose columns are known."""

    def __init__(
        self, tables: Mapping[str, ReadTable], classes: Mapping[str, ReadTable], module: Module, reading: Reading
    ) -> None:
        self._tables = tables
        self._classes = classes
        self._module = module
        self._reading = reading
        self._names = Conventions(module)

    def read(self, table: ReadTable) -> None:
        """Everything a table's own declaration says."""
        items = [each for each in table.table_args if isinstance(each, ast.Call)]
        keys = [each for each in items if called(each) == "PrimaryKeyConstraint"]
        self._key(table, keys[0] if keys else None)
        for column in table.unique:
            table.draft.unique(self._names.name("uq", table.draft.name, [column]), [column])
        for column, unique in table.indexed:
            self._add_index(table, self._names.name("ix", table.draft.name, [column]), [(column, "")], unique=unique)
        for pointer in table.pointers:
            first = pointer.call.args[0] if pointer.call.args else None
            self._reference(table, pointer.call, [pointer.column], [first])
        for item in items:
            self._item(table, item)

    def index(self, call: ast.Call) -> None:
        """An ``Index(...)`` that stands after the class or table whose columns it names."""
        for argument in call.args[1:]:
            holder = _holder(argument)
            table = self._classes.get(holder)
            if table is not None:
                self._index(table, call)
                return
        self._reading.problem(self._module.at(call), "the columns of this index are of no table that is known here")

    def _item(self, table: ReadTable, item: ast.Call) -> None:
        match called(item):
            case "UniqueConstraint":
                columns = self._columns(table, item.args, item)
                if columns:
                    table.draft.unique(self._name("uq", table, columns, item), columns)
            case "CheckConstraint":
                self._check(table, item)
            case "ForeignKeyConstraint" if len(item.args) > 1:
                ends = item.args[1].elts if isinstance(item.args[1], (ast.List, ast.Tuple)) else []
                self._reference(table, item, texts(item.args[0]), list(ends))
            case "Index":
                self._index(table, item)
            case "PrimaryKeyConstraint":
                return
            case other:
                self._reading.problem(self._module.at(item), f"{other}() of {table.draft.name} is not known")

    def _columns(self, table: ReadTable, nodes: list[ast.expr], place: ast.expr) -> list[str]:
        named = [table.names.get(word(node), word(node)) for node in nodes]
        missing = [name for name in named if name not in table.draft.columns]
        if missing or not named:
            told = f"{table.draft.name} has no column {', '.join(missing) or 'that is named here'}"
            self._reading.problem(self._module.at(place), told)
            return []
        return named

    def _name(self, kind: str, table: ReadTable, columns: list[str], call: ast.Call, target: str = "") -> str:
        given = keyword(call, "name")
        if isinstance(given, ast.Call) and called(given) in ("conv", "f") and given.args:
            return self._names.name(kind, table.draft.name, columns, text(given.args[0]), target, fixed=True)
        return self._names.name(kind, table.draft.name, columns, text(given), target)

    def _key(self, table: ReadTable, call: ast.Call | None) -> None:
        columns = table.key
        if call is not None and (named := self._columns(table, call.args, call)):
            columns = named
        if not columns:
            return
        name = self._name("pk", table, columns, call) if call else self._names.name("pk", table.draft.name, columns)
        table.draft.key(name, columns)
        only = table.draft.columns.get(columns[0])
        if only is not None and len(columns) == 1 and only.type in _COUNTED and only.name not in table.uncounted:
            sequence = f"{table.draft.schema}.{table.draft.name}_{only.name}_seq"
            table.draft.columns[only.name] = replace(only, sequence=sequence)

    def _check(self, table: ReadTable, call: ast.Call) -> None:
        first = call.args[0] if call.args else None
        written = text(first) or (text(first.args[0]) if isinstance(first, ast.Call) and first.args else "")
        if not written:
            self._reading.problem(self._module.at(call), f"the condition of {table.draft.name} is not given as SQL")
            return
        condition = _LIVE.sub(":", written)
        used = columns_of(condition, table.draft.columns)
        name = self._name("ck", table, used[:1], call)
        table.draft.constraints.append(schema_parts.check_constraint(name, condition, used))

    def _reference(self, table: ReadTable, call: ast.Call, columns: list[str], ends: list[ast.expr | None]) -> None:
        columns = [table.names.get(column, column) for column in columns]
        found = [self._end(table, end) for end in ends]
        targets = {target for target, _ in found}
        if (
            len(found) != len(columns)
            or len(targets) != 1
            or "" in targets
            or any(column not in table.draft.columns for column in columns)
        ):
            told = f"{table.draft.name} ({', '.join(columns)}) points to something that is not known here"
            self._reading.problem(self._module.at(call), told)
            return
        target = targets.pop()
        known = self._tables.get(target)
        pointed = [known.names.get(column, column) if known is not None else column for _, column in found]
        table.draft.constraints.append(
            schema_parts.foreign_key(
                self._name("fk", table, columns, call, target),
                columns,
                target,
                pointed,
                on_delete=text(keyword(call, "ondelete")).upper(),
                on_update=text(keyword(call, "onupdate")).upper(),
            )
        )
        for column, end in zip(columns, pointed, strict=True):  # the type of a bare foreign key is its target's
            held = table.draft.columns[column]
            there = known.draft.columns.get(end) if known is not None else None
            if not held.type:
                table.draft.columns[column] = replace(
                    held, type=there.type if there is not None and there.type else "text"
                )

    def _end(self, table: ReadTable, end: ast.expr | None) -> tuple[str, str]:
        """The table and column a reference names: ``"users.id"`` or ``User.id``."""
        if text(end):
            name, _, column = text(end).rpartition(".")
            return (name if "." in name else f"{table.home}.{name}" if name else ""), column
        holder = self._classes.get(_holder(end)) if end is not None else None
        return (holder.draft.qualified, word(end)) if holder is not None else ("", "")

    def _index(self, table: ReadTable, call: ast.Call) -> None:
        keys = [self._part(table, argument) for argument in call.args[1:]]
        columns = [column or "expr" for column, _ in keys]
        if not keys or ("", "") in keys:
            self._reading.problem(self._module.at(call), f"what the index of {table.draft.name} is of is not known")
            return
        name = text(call.args[0]) or self._names.name("ix", table.draft.name, columns)
        where = keyword(call, "postgresql_where")
        method = text(keyword(call, "postgresql_using")) or "btree"
        self._add_index(
            table, name, keys, unique=is_true(keyword(call, "unique")), where=self._sql(table, where), method=method
        )

    def _add_index(
        self,
        table: ReadTable,
        name: str,
        keys: list[tuple[str, str]],
        *,
        unique: bool = False,
        where: str = "",
        method: str = "btree",
    ) -> None:
        made = schema_parts.index(name, table.draft.qualified, keys, unique=unique, where=where, method=method)
        table.draft.indexes.append(made)

    def _part(self, table: ReadTable, node: ast.expr) -> tuple[str, str]:
        """One key part: a column with its order, or an expression."""
        if isinstance(node, ast.Call):
            name = called(node)
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if name in ("desc", "asc", "nulls_last", "nulls_first"):
                held = node.args[0] if node.args else inner
                column, rest = self._part(table, held) if held is not None else ("", "")
                added = {"desc": "DESC", "nulls_last": "NULLS LAST", "nulls_first": "NULLS FIRST"}.get(name, "")
                return column, " ".join(filter(None, (rest, added))).replace("DESC NULLS FIRST", "DESC")
            if name == "text" and node.args:
                column, _, order = text(node.args[0]).partition(" ")
                known = column.strip('"') in table.draft.columns and order.strip().upper() in ("", "DESC", "ASC")
                return (
                    (column.strip('"'), order.strip().upper().replace("ASC", ""))
                    if known
                    else ("", f"({text(node.args[0])})")
                )
            return "", f"({ast.unparse(node)})"
        column = table.names.get(word(node), word(node))
        return (column, "") if column in table.draft.columns else ("", "")

    def _sql(self, table: ReadTable, node: ast.expr | None) -> str:
        """The predicate of a partial index."""
        if node is None:
            return ""
        if isinstance(node, ast.Call) and called(node) == "text" and node.args:
            return text(node.args[0])
        if isinstance(node, ast.Call) and called(node) in ("is_", "is_not") and isinstance(node.func, ast.Attribute):
            column = table.names.get(word(node.func.value), word(node.func.value))
            none = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value is None
            if none:
                return f"{column} IS {'NOT ' if called(node) == 'is_not' else ''}NULL"
        return text(node) or ast.unparse(node)


def _holder(node: ast.expr) -> str:
    """The class or table of ``User.id``, ``users.c.id``, or of a function of it."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and word(node.func.value) not in ("func", "sa"):
                node = node.func.value
            elif node.args:
                node = node.args[0]
            else:
                return ""
        elif isinstance(node.value, ast.Attribute) and node.value.attr == "c":
            node = node.value.value
        elif isinstance(node.value, ast.Name):
            return node.value.id
        else:
            node = node.value
    return node.id if isinstance(node, ast.Name) else ""
