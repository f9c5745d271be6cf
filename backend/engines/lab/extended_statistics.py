"""Giving the objects of CREATE STATISTICS the data of other rows (PostgreSQL has no function for it)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from backend.engines.lab.extended_bytes import Column, is_dependencies, is_most_common, is_ndistinct
from knowledge.statistics import ExtendedStatistics

if TYPE_CHECKING:
    import asyncpg

_SAFE_TYPES = frozenset({16, 18, 19, 20, 21, 23, 25, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1700, 2950})
"""Types whose functions bear any content: boolean, "char", name, integers, text, floats, dates, numeric, uuid."""

_OBJECTS = """
SELECT json_agg(json_build_array(n.nspname, s.stxname, s.oid::int8, s.stxexprs IS NOT NULL,
  (SELECT json_agg(json_build_array(a.attnum, a.atttypid::int8, t.typlen, t.typbyval) ORDER BY a.attnum)
   FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::int2[]))))::text
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
"""
_KINDS = {"ndistinct": "pg_ndistinct", "dependencies": "pg_dependencies", "mcv": "pg_mcv_list"}
_CASTS = "; ".join(f"CREATE CAST (bytea AS {kind}) WITHOUT FUNCTION" for kind in _KINDS.values())
_NO_CASTS = "; ".join(f"DROP CAST (bytea AS {kind})" for kind in _KINDS.values())
_INSERT = """
INSERT INTO pg_statistic_ext_data (stxoid, stxdinherit, stxdndistinct, stxddependencies, stxdmcv)
VALUES ($1, $2, $3::bytea::pg_ndistinct, $4::bytea::pg_dependencies, $5::bytea::pg_mcv_list)
"""


async def restore_extended(admin: asyncpg.Connection, wanted: tuple[ExtendedStatistics, ...]) -> list[str]:
    """Restore what fits the objects there are; what does not is returned in words."""
    if not wanted:
        return []
    found = json.loads(await admin.fetchval(_OBJECTS) or "[]")
    objects = {(schema, name): rest for schema, name, *rest in found}
    notes: list[str] = []
    async with admin.transaction():
        await admin.execute(_CASTS)
        for each in wanted:
            title = f"extended statistics {each.schema}.{each.name}"
            oid, expressions, columns = objects.get((each.schema, each.name), (0, False, []))
            if not oid or expressions:
                reason = "are of expressions" if expressions else "are no object of the schema"
                notes.append(f"{title} {reason} and were left out")
                continue
            data, strange = _checked(each, [(number, kind, size, by) for number, kind, size, by in columns or ()])
            if any(data):
                await admin.execute(_INSERT, oid, each.inherited, *data)
            if strange:
                notes.append(f"{title} ({', '.join(strange)}) do not fit the columns and were left out")
        await admin.execute(_NO_CASTS)
    return notes


def _checked(each: ExtendedStatistics, columns: list[Column]) -> tuple[list[bytes | None], list[str]]:
    """The data the server may read, and the names of the kinds it may not."""
    safe = all(column[1] in _SAFE_TYPES for column in columns)
    data: list[bytes | None] = []
    strange: list[str] = []
    for name, text, check in (
        ("ndistinct", each.ndistinct, is_ndistinct),
        ("dependencies", each.dependencies, is_dependencies),
        ("most common values", each.most_common, is_most_common),
    ):
        try:
            content = bytes.fromhex(text)
        except ValueError:
            content = b"?"
        fits = bool(content) and check(content, columns) and (safe or check is not is_most_common)
        data.append(content if fits else None)
        if content and not fits:
            strange.append(name)
    return data, strange
