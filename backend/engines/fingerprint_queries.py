"""The catalog queries behind a fingerprint: each yields (key, definition) for one kind of object.

Objects of the system have an oid below 16384, the schema ``public`` excepted. Definitions hold no oid,
no owner and no order of creation. ``spaces``, ``members`` and ``relations`` are defined in
:data:`PREFIX`; :func:`statement` puts the parts together.
"""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = """
WITH spaces AS MATERIALIZED (
  SELECT oid, pg_catalog.quote_ident(nspname) AS name, nspowner, nspacl FROM pg_catalog.pg_namespace
  WHERE (oid >= 16384 OR nspname = 'public') AND pg_catalog.left(nspname, 3) <> 'pg_'
    AND nspname <> 'information_schema'
), members AS MATERIALIZED (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), relations AS MATERIALIZED (
  SELECT c.*, s.name || '.' || pg_catalog.quote_ident(c.relname) AS name
  FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I', 'c')
    AND (c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_class'::regclass))
)
"""

QUERIES: dict[str, str] = {
    "schemas": """
SELECT 'schema ' || s.name, 'exists' FROM spaces s
WHERE s.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_namespace'::regclass)
""",
    "tables": """
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || c.name, pg_catalog.concat_ws(' ',
  CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
  'access ' || (SELECT m.amname FROM pg_catalog.pg_am m WHERE m.oid = c.relam),
  'partition by ' || CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
  CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
  'inherits ' || (SELECT pg_catalog.string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
    FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
  'of ' || CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END,
  'with ' || (SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM pg_catalog.unnest(c.reloptions) o),
  'toast ' || (SELECT t.reloptions::text FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid),
  CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END,
  CASE WHEN c.relrowsecurity THEN 'row level security' END,
  CASE WHEN c.relforcerowsecurity THEN 'forced' END,
  'tablespace ' || (SELECT p.spcname FROM pg_catalog.pg_tablespace p WHERE p.oid = c.reltablespace),
  (SELECT 'server ' || s.srvname || ' ' || coalesce(f.ftoptions::text, '') FROM pg_catalog.pg_foreign_table f
    JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE c.relkind = 'f' AND f.ftrelid = c.oid))
FROM relations c WHERE c.relkind IN ('r', 'p', 'f')
""",
    "columns": """
SELECT 'column ' || c.name || '.' || pg_catalog.quote_ident(a.attname), pg_catalog.concat_ws(' ',
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END,
  CASE WHEN a.attnotnull THEN 'not null' END,
  CASE a.attgenerated WHEN '' THEN 'default ' WHEN 's' THEN 'generated stored ' ELSE 'generated virtual ' END
    || pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
  CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
  CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END,
  CASE WHEN a.attstattarget >= 0 THEN 'statistics ' || a.attstattarget::text END,
  'with ' || a.attoptions::text, 'options ' || a.attfdwoptions::text,
  CASE WHEN NOT a.attislocal THEN 'inherited' END)
FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
""",
    "constraints": """
SELECT 'constraint ' || c.name || '.' || pg_catalog.quote_ident(k.conname), pg_catalog.concat_ws(' ',
  pg_catalog.pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'unvalidated' END,
  CASE WHEN NOT k.conislocal THEN 'inherited' END)
FROM relations c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype <> 't'
""",
    "indexes": """
SELECT 'index ' || c.name, pg_catalog.concat_ws(' ', pg_catalog.pg_get_indexdef(c.oid),
  CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'invalid' END,
  CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END,
  'of ' || (SELECT h.inhparent::regclass::text FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid),
  'statistics ' || (SELECT pg_catalog.string_agg(a.attnum || '=' || a.attstattarget, ' ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0))
FROM relations c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
""",
    "sequences": """
SELECT 'sequence ' || c.name, pg_catalog.concat_ws(' ', q.seqtypid::regtype::text, 'start', q.seqstart,
  'increment', q.seqincrement, 'from', q.seqmin, 'to', q.seqmax, 'cache', q.seqcache,
  CASE WHEN q.seqcycle THEN 'cycle' END, CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
  (SELECT 'owned by ' || d.refobjid::regclass::text || '.' || pg_catalog.quote_ident(a.attname)
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0))
FROM relations c JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
""",
    "views": """
SELECT CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || c.name,
  pg_catalog.concat_ws(' ', 'with ' || c.reloptions::text, pg_catalog.pg_get_viewdef(c.oid))
FROM relations c WHERE c.relkind IN ('v', 'm')
""",
    "functions": """
SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
  || s.name || '.' || pg_catalog.quote_ident(p.proname)
  || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
  CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid)
  ELSE (SELECT pg_catalog.concat_ws(' ', g.aggkind::text, 'step', g.aggtransfn, g.aggtranstype::regtype::text,
      'start', g.agginitval, 'final', g.aggfinalfn, 'combine', g.aggcombinefn, 'moving', g.aggmtransfn,
      g.aggminvtransfn, 'sort', g.aggsortop, p.proparallel::text)
    FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid) END
FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
WHERE p.oid >= 16384
  AND p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_proc'::regclass)
""",
    "triggers": """
SELECT 'trigger ' || c.name || '.' || pg_catalog.quote_ident(t.tgname), pg_catalog.concat_ws(' ',
  pg_catalog.pg_get_triggerdef(t.oid), CASE WHEN t.tgenabled <> 'O' THEN 'enabled ' || t.tgenabled::text END)
FROM relations c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
""",
    "rules": """
SELECT 'rule ' || c.name || '.' || pg_catalog.quote_ident(r.rulename), pg_catalog.concat_ws(' ',
  pg_catalog.pg_get_ruledef(r.oid), CASE WHEN r.ev_enabled <> 'O' THEN 'enabled ' || r.ev_enabled::text END)
FROM relations c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
""",
    "policies": """
SELECT 'policy ' || c.name || '.' || pg_catalog.quote_ident(p.polname), pg_catalog.concat_ws(' ',
  CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd::text,
  'to ' || (SELECT pg_catalog.string_agg(CASE o WHEN 0 THEN 'public'
    ELSE pg_catalog.pg_get_userbyid(o)::text END, ', ' ORDER BY 1)
    FROM pg_catalog.unnest(p.polroles) o),
  'using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid),
  'check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
FROM relations c JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid
""",
    "types": """
SELECT CASE y.typtype WHEN 'e' THEN 'enum ' WHEN 'd' THEN 'domain ' WHEN 'r' THEN 'range ' ELSE 'type ' END
  || s.name || '.' || pg_catalog.quote_ident(y.typname), pg_catalog.concat_ws(' ',
  (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
    FROM pg_catalog.pg_enum l WHERE l.enumtypid = y.oid),
  CASE y.typtype WHEN 'd' THEN pg_catalog.format_type(y.typbasetype, y.typtypmod) END,
  CASE WHEN y.typtype = 'd' AND y.typcollation <> b.typcollation
    THEN 'collate ' || y.typcollation::regcollation::text END,
  CASE WHEN y.typnotnull THEN 'not null' END, 'default ' || y.typdefault,
  (SELECT pg_catalog.concat_ws(' ', 'over', r.rngsubtype::regtype::text, 'class', o.opcname, 'canonical',
      r.rngcanonical, 'difference', r.rngsubdiff, CASE WHEN r.rngcollation <> 0
      THEN 'collate ' || r.rngcollation::regcollation::text END)
    FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = y.oid),
  CASE y.typtype WHEN 'b' THEN pg_catalog.concat_ws(' ', y.typinput, y.typoutput, y.typlen, y.typalign::text) END)
FROM pg_catalog.pg_type y JOIN spaces s ON s.oid = y.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = y.typbasetype
LEFT JOIN pg_catalog.pg_class c ON c.oid = y.typrelid
WHERE y.oid >= 16384 AND (y.typtype IN ('e', 'd', 'r') OR y.typtype = 'c' AND c.relkind = 'c'
    OR y.typtype = 'b' AND y.typelem = 0)
  AND y.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_type'::regclass)
""",
    "domain constraints": """
SELECT 'constraint ' || s.name || '.' || pg_catalog.quote_ident(y.typname) || '.'
  || pg_catalog.quote_ident(k.conname), pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_type y ON y.oid = k.contypid
JOIN spaces s ON s.oid = y.typnamespace
""",
    "extensions": """
SELECT 'extension ' || e.extname, pg_catalog.concat_ws(' ', 'in', n.nspname, 'version', e.extversion)
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'
""",
    "statistics": """
SELECT 'statistics ' || s.name || '.' || pg_catalog.quote_ident(x.stxname), pg_catalog.concat_ws(' ',
  pg_catalog.pg_get_statisticsobjdef(x.oid),
  CASE WHEN x.stxstattarget >= 0 THEN 'target ' || x.stxstattarget::text END)
FROM pg_catalog.pg_statistic_ext x JOIN spaces s ON s.oid = x.stxnamespace
""",
    "comments": """
SELECT 'comment on ' || o.type || ' ' || o.identity, d.description
FROM pg_catalog.pg_description d,
  LATERAL pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid = 2200)
  AND NOT (d.classoid = 'pg_catalog.pg_extension'::regclass)
  AND (d.classoid, d.objoid) NOT IN (SELECT classid, objid FROM members)
  AND o.identity IS NOT NULL AND o.identity NOT LIKE 'pg\\_t%'
UNION ALL
SELECT 'comment on extension ' || e.extname, d.description FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_extension e ON e.oid = d.objoid AND d.classoid = 'pg_catalog.pg_extension'::regclass
WHERE e.extname <> 'plpgsql'
""",
    "privileges": """
SELECT g.key, pg_catalog.string_agg(
  CASE x.grantee WHEN g.owner THEN 'owner' WHEN 0 THEN 'public'
    ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END
  || ' ' || x.privilege_type || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END, ', '
  ORDER BY x.grantee <> g.owner, pg_catalog.pg_get_userbyid(x.grantee), x.privilege_type)
FROM (
  SELECT 'privileges on ' || c.name AS key, c.relowner AS owner, c.relacl AS acl,
    pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS usual
  FROM relations c WHERE c.relacl IS NOT NULL
  UNION ALL
  SELECT 'privileges on ' || c.name || '.' || pg_catalog.quote_ident(a.attname), c.relowner, a.attacl, '{}'
  FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE a.attacl IS NOT NULL
  UNION ALL
  SELECT 'privileges on schema ' || s.name, s.nspowner, s.nspacl, pg_catalog.acldefault('n', s.nspowner)
  FROM spaces s WHERE s.nspacl IS NOT NULL
  UNION ALL
  SELECT 'privileges on ' || s.name || '.' || pg_catalog.quote_ident(p.proname) || '('
    || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', p.proowner, p.proacl,
    pg_catalog.acldefault('f', p.proowner)
  FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
  WHERE p.proacl IS NOT NULL AND p.oid >= 16384
    AND p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_proc'::regclass)
  UNION ALL
  SELECT 'privileges on type ' || s.name || '.' || pg_catalog.quote_ident(y.typname), y.typowner, y.typacl,
    pg_catalog.acldefault('T', y.typowner)
  FROM pg_catalog.pg_type y JOIN spaces s ON s.oid = y.typnamespace WHERE y.typacl IS NOT NULL
    AND y.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_type'::regclass)
) g LEFT JOIN LATERAL pg_catalog.aclexplode(g.acl) x ON true
WHERE NOT (g.acl @> g.usual AND g.usual @> g.acl)
GROUP BY g.key, g.owner
UNION ALL
SELECT pg_catalog.concat_ws(' ', 'default privileges of', pg_catalog.pg_get_userbyid(d.defaclrole), 'in',
  coalesce(n.nspname, 'all schemas'), 'on', d.defaclobjtype::text),
  (SELECT pg_catalog.string_agg(x::text, ', ' ORDER BY x::text) FROM pg_catalog.unnest(d.defaclacl) x)
FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
""",
    "publications": """
SELECT 'publication ' || p.pubname, pg_catalog.concat_ws(' ', CASE WHEN p.puballtables THEN 'all tables' END,
  CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
  CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END,
  CASE WHEN p.pubviaroot THEN 'via root' END,
  (SELECT pg_catalog.string_agg(pg_catalog.row_to_json(t)::text, ', ' ORDER BY t.schemaname, t.tablename)
    FROM pg_catalog.pg_publication_tables t WHERE t.pubname = p.pubname AND NOT p.puballtables))
FROM pg_catalog.pg_publication p
""",
    "event triggers": """
SELECT 'event trigger ' || e.evtname,
  pg_catalog.concat_ws(' ', e.evtevent, e.evtenabled::text, e.evtfoid::regprocedure, e.evttags::text)
FROM pg_catalog.pg_event_trigger e
""",
    "operators and casts": """
SELECT 'operator ' || o.oid::regoperator::text, pg_catalog.concat_ws(' ', o.oprcode, o.oprcom::regoperator::text,
  o.oprnegate::regoperator::text, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash)
FROM pg_catalog.pg_operator o JOIN spaces s ON s.oid = o.oprnamespace
WHERE o.oid >= 16384 AND o.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_operator'::regclass)
UNION ALL
SELECT 'cast ' || k.castsource::regtype::text || ' as ' || k.casttarget::regtype::text,
  pg_catalog.concat_ws(' ', k.castfunc::regprocedure::text, k.castcontext::text, k.castmethod::text)
FROM pg_catalog.pg_cast k
WHERE k.oid >= 16384 AND k.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_cast'::regclass)
""",
    "text search and collations": """
SELECT 'collation ' || k.oid::regcollation::text,
  pg_catalog.concat_ws(' ', k.collprovider::text, k.collisdeterministic, k.collcollate, k.collctype)
FROM pg_catalog.pg_collation k JOIN spaces s ON s.oid = k.collnamespace
WHERE k.oid >= 16384
UNION ALL
SELECT 'text search dictionary ' || k.oid::regdictionary::text,
  pg_catalog.concat_ws(' ', t.tmplname, k.dictinitoption)
FROM pg_catalog.pg_ts_dict k JOIN pg_catalog.pg_ts_template t ON t.oid = k.dicttemplate
JOIN spaces s ON s.oid = k.dictnamespace
WHERE k.oid >= 16384 AND k.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_ts_dict'::regclass)
UNION ALL
SELECT 'text search configuration ' || k.oid::regconfig::text, (SELECT pg_catalog.string_agg(
    m.maptokentype || ':' || m.mapseqno || ':' || m.mapdict::regdictionary, ' ' ORDER BY m.maptokentype, m.mapseqno)
  FROM pg_catalog.pg_ts_config_map m WHERE m.mapcfg = k.oid)
FROM pg_catalog.pg_ts_config k JOIN spaces s ON s.oid = k.cfgnamespace
WHERE k.oid >= 16384
""",
    "foreign servers": """
SELECT 'server ' || s.srvname,
  pg_catalog.concat_ws(' ', w.fdwname, s.srvtype, s.srvversion, s.srvoptions::text)
FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
""",
    "settings": """
SELECT 'setting of database for ' || CASE s.setrole WHEN 0 THEN 'everybody'
    ELSE pg_catalog.pg_get_userbyid(s.setrole)::text END,
  (SELECT pg_catalog.string_agg(x, ', ' ORDER BY x) FROM pg_catalog.unnest(s.setconfig) x)
FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE d.datname = pg_catalog.current_database()
""",
}
"""The parts of a fingerprint by name."""

OWNERS = """
SELECT 'owner of ' || c.name, CASE WHEN pg_catalog.pg_get_userbyid(c.relowner) = current_user THEN 'myself'
  ELSE pg_catalog.pg_get_userbyid(c.relowner)::text END
FROM relations c WHERE c.relkind NOT IN ('i', 'I')
UNION ALL
SELECT 'owner of ' || s.name || '.' || pg_catalog.quote_ident(p.proname) || '('
  || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
  CASE WHEN pg_catalog.pg_get_userbyid(p.proowner) = current_user THEN 'myself'
  ELSE pg_catalog.pg_get_userbyid(p.proowner)::text END
FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
WHERE p.oid >= 16384
  AND p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_catalog.pg_proc'::regclass)
"""

COLUMN_ORDER = """
SELECT 'column order of ' || c.name,
  pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM relations c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'f', 'c') GROUP BY c.name
"""


def statement(queries: Iterable[str]) -> str:
    """One statement out of several queries."""
    return PREFIX + "UNION ALL".join(f"({query})" for query in queries)
