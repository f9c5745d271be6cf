"""Names as SQL writes them: quoted where PostgreSQL would need quotes, bare elsewhere."""

from __future__ import annotations

import re

_BARE = re.compile(r"[a-z_][a-z0-9_$]*\Z")

# Keywords that cannot name a table or column without quotes: the "reserved" and "reserved (can be
# function or type)" rows of PostgreSQL 18, appendix C.
_RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
    case cast char character check coalesce collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user
    dec decimal default deferrable desc distinct do else end except exists extract false fetch float for
    foreign freeze from full grant greatest group grouping having ilike in initially inner inout int integer
    intersect interval into is isnull join json json_array json_arrayagg json_exists json_object
    json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least left
    like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null
    nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
    references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using
    values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
    xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()
)


def quoted(name: str) -> str:
    """One identifier as SQL text: ``email``, ``"Order"``, ``"user"``."""
    if _BARE.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """A schema and a name as SQL text; the schema is left out where it is empty."""
    return f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)


def quoted_list(names: tuple[str, ...] | list[str]) -> str:
    """Identifiers between commas, as a column list has them."""
    return ", ".join(quoted(name) for name in names)
