"""Reading PostgreSQL's syntax tree: names, ALTER TABLE commands, and the names PostgreSQL would choose."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import postgast

from knowledge.identifiers import qualified

IDENTIFIER_BYTES = 63
"""NAMEDATALEN - 1."""

STABLE_DEFAULTS = frozenset(
    "now transaction_timestamp statement_timestamp current_setting to_char lower upper md5 concat coalesce"
    " date_trunc timezone make_interval make_date jsonb_build_object json_build_object jsonb_build_array"
    " array_fill to_tsvector current_schema current_database length round abs floor ceil".split()
)
"""Functions PostgreSQL marks stable or immutable that real defaults use: they are evaluated once."""


VOLATILE_DEFAULTS = frozenset(
    "gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 random random_normal nextval"
    " clock_timestamp timeofday gen_random_bytes".split()
)
"""Functions PostgreSQL marks volatile that real defaults use."""


def enum_name(node: Any, field: str) -> str:
    """The name of an enumeration value, as in ``AT_DropColumn``."""
    return _value_names(node.DESCRIPTOR, field)[getattr(node, field)]


@cache
def _value_names(descriptor: Any, field: str) -> dict[int, str]:
    """The grammar's names of one enumeration: asking the descriptor each time costs more than the rest."""
    values = descriptor.fields_by_name[field].enum_type.values_by_number
    return {number: str(value.name) for number, value in values.items()}


def table_name(relation: Any) -> str:
    """``schema.table`` of a RangeVar; ``public`` where the text names no schema."""
    return f"{relation.schemaname or 'public'}.{relation.relname}"


def table_sql(relation: Any) -> str:
    """A RangeVar as SQL text, as its author qualified it."""
    return qualified(relation.schemaname, relation.relname)


def plain(relation: str) -> str:
    """``"Order".x`` as ``Order.x``: a name as catalogs hold it, without quotes."""
    return relation.replace('"', "")


def same_table(one: str, other: str) -> bool:
    """Whether two qualified names can mean the same table.

    A name the text left unqualified was taken for ``public``; where a search path put it elsewhere, the bare
    names decide.
    """
    one, other = plain(one), plain(other)
    return one == other or (one.startswith("public.") and one.split(".")[-1] == other.split(".")[-1])


def commands(node: Any) -> Iterator[tuple[str, Any]]:
    """The sub-commands of an ALTER TABLE by kind (``AT_SetNotNull``)."""
    for item in node.cmds:
        command = item.alter_table_cmd
        yield enum_name(command, "subtype"), command


def constraints(items: Any) -> Iterator[tuple[str, Any]]:
    """The constraints in a list of nodes, by kind (``CONSTR_FOREIGN``)."""
    for item in items:
        if item.WhichOneof("node") == "constraint":
            yield enum_name(item.constraint, "contype"), item.constraint


def added_constraints(node: Any) -> Iterator[tuple[str, Any]]:
    """Table constraints an ALTER TABLE adds, by kind."""
    for kind, command in commands(node):
        if kind == "AT_AddConstraint":
            constraint = definition(command).constraint
            yield enum_name(constraint, "contype"), constraint


def definition(command: Any) -> Any:
    """The ``def`` of an ALTER TABLE command: the field's name is a keyword in Python."""
    return getattr(command, "def")


def strings(items: Any) -> tuple[str, ...]:
    """A list of String nodes as text."""
    return tuple(item.string.sval for item in items)


def function_names(node: Any) -> Iterator[str]:
    """Names of the functions an expression calls, without their schema."""
    for found in postgast.find_nodes(node, postgast.pg_query_pb2.FuncCall):
        yield found.funcname[-1].string.sval


def is_volatile(expression: Any) -> bool:
    """Whether a default must be evaluated for each row: it calls a function not known to be stable."""
    return any(name not in STABLE_DEFAULTS for name in function_names(expression))


def chosen_name(table: str, columns: tuple[str, ...], suffix: str, taken: Collection[str] = frozenset()) -> str:
    """The name PostgreSQL gives an unnamed constraint or index: ``table_column_suffix`` cut to 63 bytes.

    Of the two name parts the longer loses bytes first, and a number follows while the name is taken
    (``makeObjectName`` and ``ChooseRelationName`` in the server's indexcmds.c).
    """
    label, number = suffix, 0
    while (name := _object_name(table, "_".join(columns), label)) in taken:
        number += 1
        label = f"{suffix}{number}"
    return name


def _object_name(first: str, second: str, label: str) -> str:
    one, two = first.encode(), second.encode()
    room = IDENTIFIER_BYTES - len(label) - 1 - (1 if second else 0)
    left, right = len(one), len(two)
    while left + right > room:
        if left > right:
            left -= 1
        else:
            right -= 1
    parts = (one[:left].decode(errors="ignore"), two[:right].decode(errors="ignore"), label)
    return "_".join(part for part in parts if part)


def check_columns(expression: Any) -> tuple[str, ...]:
    """The column a CHECK is named after: the only one it uses, or none."""
    used = {
        strings(found.fields[-1:])[0]
        for found in postgast.find_nodes(expression, postgast.pg_query_pb2.ColumnRef)
        if found.fields[-1].WhichOneof("node") == "string"
    }
    return tuple(used) if len(used) == 1 else ()


def dropped_name(node: Any) -> str:
    """The first relation a DROP names, as ``schema.name``."""
    return _qualified(strings(node.objects[0].list.items))


def table_of_dropped(node: Any) -> str:
    """The table of the first trigger or policy that a DROP names."""
    return _qualified(strings(node.objects[0].list.items)[:-1])


def _qualified(parts: tuple[str, ...]) -> str:
    return ".".join(parts[-2:] if len(parts) > 1 else ("public", *parts))


def is_table(node: Any) -> bool:
    """Whether an ALTER TABLE node alters a table: the grammar uses it for views, indexes and types too."""
    return enum_name(node, "objtype") == "OBJECT_TABLE"


def only_command(node: Any) -> bool:
    """Whether an ALTER TABLE has one sub-command, so that a rewrite of it leaves nothing out."""
    return len(node.cmds) == 1
