"""What a query may reach in a database, read from its catalogs: functions, views, types, operators.

One round trip asks for everything the query's text names; each view or function found has a text of its own,
which is asked about in the next. Nothing is executed but these catalog queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from knowledge.query.facts import Facts, FunctionFact, OperatorFact, RelationFact, TypeFact
from knowledge.query.names import Name
from knowledge.query.reach import names_in, texts_of

if TYPE_CHECKING:
    import asyncpg

ROUNDS = 12
"""Views upon views upon functions: beyond this depth the facts count as incomplete."""

FACTS = """
WITH asked AS MATERIALIZED (
  SELECT a->>0 AS kind, a->>1 AS schema, a->>2 AS name
  FROM pg_catalog.jsonb_array_elements($1::jsonb->'names') a
), numbered AS MATERIALIZED (
  SELECT a->>0 AS kind, (a->>1)::bigint::oid AS oid
  FROM pg_catalog.jsonb_array_elements($1::jsonb->'oids') a
), spaces AS MATERIALIZED (
  SELECT oid, nspname, nspname = ANY (pg_catalog.current_schemas(true)) OR nspname LIKE 'pg\\_temp\\_%' AS visible
  FROM pg_catalog.pg_namespace
), wanted AS (
  SELECT a.kind, a.name, s.oid AS space, s.nspname, s.visible FROM asked a JOIN spaces s
  ON s.nspname = a.schema OR a.schema = '*' OR a.schema = '' AND s.visible
    OR a.schema = 'pg_temp' AND s.nspname LIKE 'pg\\_temp\\_%'
), members AS (
  SELECT d.classid, d.objid, e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::regclass
    AND d.classid = 'pg_catalog.pg_proc'::regclass
), functions AS MATERIALIZED (
  SELECT p.oid FROM wanted w JOIN pg_catalog.pg_proc p ON p.pronamespace = w.space AND p.proname = w.name
  WHERE w.kind = 'function'
  UNION SELECT oid FROM numbered WHERE kind = 'function'
), relations AS MATERIALIZED (
  SELECT c.oid FROM wanted w JOIN pg_catalog.pg_class c ON c.relnamespace = w.space AND c.relname = w.name
  WHERE w.kind = 'relation'
  UNION SELECT oid FROM numbered WHERE kind = 'relation'
), types AS MATERIALIZED (
  SELECT t.oid FROM wanted w JOIN pg_catalog.pg_type t ON t.typnamespace = w.space AND t.typname = w.name
  WHERE w.kind IN ('type', 'function') AND t.oid >= 16384
  UNION SELECT oid FROM numbered WHERE kind = 'type' AND oid >= 16384
), operators AS MATERIALIZED (
  SELECT o.oid FROM wanted w JOIN pg_catalog.pg_operator o ON o.oprnamespace = w.space AND o.oprname = w.name
  WHERE w.kind = 'operator' AND o.oid >= 16384
)
SELECT pg_catalog.jsonb_build_object(
'functions', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'oid', p.oid::int8, 'schema', s.nspname, 'name', p.proname, 'own', p.oid < 16384, 'visible', s.visible,
    'volatility', p.provolatile, 'security_definer', p.prosecdef, 'language', l.lanname, 'kind', p.prokind,
    'extension', coalesce((SELECT extname FROM members WHERE objid = p.oid), ''),
    'unary', p.pronargs - p.pronargdefaults <= 1 AND (p.pronargs >= 1 OR p.provariadic <> 0),
    'source', CASE WHEN p.oid < 16384 THEN '' ELSE coalesce(p.prosrc, '') END,
    'definition', CASE WHEN p.oid >= 16384 AND p.prosqlbody IS NOT NULL
      THEN pg_catalog.pg_get_functiondef(p.oid) ELSE '' END,
    'defaults', CASE WHEN p.oid >= 16384 AND p.proargdefaults IS NOT NULL
      THEN pg_catalog.pg_get_expr(p.proargdefaults, 0) ELSE '' END,
    'functions', CASE WHEN p.oid < 16384 THEN '[]'::jsonb ELSE coalesce((SELECT pg_catalog.jsonb_agg(f::oid::int8)
      FROM pg_catalog.pg_aggregate a, unnest(ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
        a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn]) f
      WHERE a.aggfnoid = p.oid AND f::oid <> 0), '[]') END,
    'types', CASE WHEN p.oid < 16384 THEN '[]'::jsonb ELSE coalesce((SELECT pg_catalog.jsonb_agg(t::int8)
      FROM unnest(p.proargtypes::oid[] || p.proallargtypes || p.prorettype) t WHERE t >= 16384), '[]') END))
  FROM functions f JOIN pg_catalog.pg_proc p ON p.oid = f.oid
  JOIN spaces s ON s.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang),
'relations', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'oid', c.oid::int8, 'schema', s.nspname, 'name', c.relname, 'visible', s.visible, 'kind', c.relkind,
    'view', CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) ELSE '' END,
    'expressions', coalesce((SELECT pg_catalog.jsonb_agg(e.text) FROM (
        SELECT pg_catalog.pg_get_expr(y.polqual, y.polrelid) FROM pg_catalog.pg_policy y
        WHERE c.relrowsecurity AND y.polrelid = c.oid AND y.polcmd IN ('r', '*') AND y.polqual IS NOT NULL
        UNION ALL SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = c.oid AND a.attgenerated = 'v') e(text)), '[]'),
    'children', coalesce((SELECT pg_catalog.jsonb_agg(i.inhrelid::int8) FROM pg_catalog.pg_inherits i
      WHERE i.inhparent = c.oid), '[]'),
    'types', coalesce((SELECT pg_catalog.jsonb_agg(DISTINCT a.atttypid::int8) FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384), '[]')))
  FROM relations r JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN spaces s ON s.oid = c.relnamespace),
'types', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'oid', t.oid::int8, 'schema', s.nspname, 'name', t.typname, 'visible', s.visible,
    'checks', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.pg_get_expr(k.conbin, 0))
      FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '[]'),
    'functions', coalesce((SELECT pg_catalog.jsonb_agg(f::int8) FROM (
        SELECT p::oid FROM unnest(ARRAY[t.typinput, t.typoutput, t.typmodin, t.typsubscript]) p
        UNION SELECT k.castfunc FROM pg_catalog.pg_cast k WHERE t.oid IN (k.castsource, k.casttarget)
        ) found(f) WHERE f >= 16384), '[]'),
    'types', coalesce((SELECT pg_catalog.jsonb_agg(DISTINCT e::int8) FROM (
        SELECT unnest(ARRAY[t.typbasetype, t.typelem, t.typarray])
        UNION SELECT a.atttypid FROM pg_catalog.pg_attribute a
          WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION SELECT unnest(ARRAY[g.rngsubtype, g.rngmultitypid, g.rngtypid]) FROM pg_catalog.pg_range g
          WHERE t.oid IN (g.rngtypid, g.rngmultitypid)) parts(e) WHERE e >= 16384), '[]')))
  FROM types y JOIN pg_catalog.pg_type t ON t.oid = y.oid JOIN spaces s ON s.oid = t.typnamespace),
'operators', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'oid', o.oid::int8, 'schema', s.nspname, 'name', o.oprname, 'visible', s.visible,
    'functions', (SELECT pg_catalog.jsonb_agg(DISTINCT x.oprcode::oid::int8) FROM pg_catalog.pg_operator x
      WHERE x.oid IN (o.oid, o.oprcom, o.oprnegate) AND x.oprcode::oid <> 0)))
  FROM operators q JOIN pg_catalog.pg_operator o ON o.oid = q.oid JOIN spaces s ON s.oid = o.oprnamespace),
'always', (SELECT pg_catalog.jsonb_agg(k.castfunc::int8) FROM pg_catalog.pg_cast k
  WHERE k.castfunc >= 16384 AND k.castsource < 16384 AND k.casttarget < 16384),
'backslashes_plain', pg_catalog.current_setting('standard_conforming_strings') = 'on'
)::text
"""

_KINDS: dict[str, Any] = {
    "functions": FunctionFact,
    "relations": RelationFact,
    "types": TypeFact,
    "operators": OperatorFact,
}


async def execution_facts(connection: asyncpg.Connection, sql: str) -> Facts:
    """What :func:`knowledge.query.safety.verdict` has to know about ``sql`` in this database.

    The session's ``search_path`` counts, as it will when the query runs in it. One round trip for a plain
    query; one more for each level of views and user-made functions.

    Raises:
        asyncpg.PostgresError: the session is in a failed transaction, or the role may not read catalogs.
    """
    found: dict[str, Any] = {kind: {} for kind in _KINDS}
    always: tuple[int, ...] = ()
    plain = True
    names = set(_asked(names_in(sql) or ()))
    oids: set[tuple[str, int]] = set()
    seen: set[Any] = set()
    for _ in range(ROUNDS):
        seen |= names | oids
        question = json.dumps({"names": sorted(names), "oids": sorted(oids)})
        answer = json.loads(await connection.fetchval(FACTS, question))
        always, plain = tuple(answer["always"] or ()), answer["backslashes_plain"]
        new = list(_new(answer, found))
        names = {asked for fact in new for text in texts_of(fact) for asked in _asked(text.names)} - seen
        oids = {*(("function", oid) for oid in always), *(number for fact in new for number in _numbers(fact))} - seen
        if not names and not oids:
            return Facts(**found, always=always, backslashes_plain=plain)
    return Facts(**found, always=always, backslashes_plain=plain, complete=False)


def _new(answer: dict[str, Any], found: dict[str, dict[int, Any]]) -> Iterator[Any]:
    """The facts that were not known before; they are kept."""
    for kind, make in _KINDS.items():
        for row in answer[kind] or ():
            if row["oid"] not in found[kind]:
                fact = make(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
                found[kind][fact.oid] = fact
                yield fact


def _asked(names: tuple[Name, ...]) -> Iterator[tuple[str, str, str]]:
    return ((name.kind, name.schema, name.name) for name in names)


def _numbers(fact: Any) -> Iterator[tuple[str, int]]:
    """Further things a fact speaks of by their numbers."""
    yield from (("function", oid) for oid in getattr(fact, "functions", ()))
    yield from (("relation", oid) for oid in getattr(fact, "children", ()))
    yield from (("type", oid) for oid in getattr(fact, "types", ()))
