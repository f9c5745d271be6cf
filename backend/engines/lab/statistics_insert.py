"""Statistics for the catalogs of PostgreSQL before 18, which has no functions to restore them.

The administrator writes into the catalogs. So only values of built-in types and of enums are parsed: the input
function of a domain or of a range may be the guest's.
"""

from __future__ import annotations

SIZES = """
CREATE FUNCTION architect_lab.set_size(text, text, int, real, int) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $set$
BEGIN
  UPDATE pg_class SET relpages = $3, reltuples = $4, relallvisible = $5
  WHERE oid = to_regclass(quote_ident($1) || '.' || quote_ident($2)) AND oid >= 16384
    AND pg_has_role(session_user, relowner, 'USAGE');
  RETURN FOUND;
END $set$
"""
"""Lets the guest say how large its own relations are, inside its own transaction."""

RELATIONS = """
SELECT architect_lab.set_size(s, r, p, t, v)
FROM pg_catalog.json_to_recordset($1::json) AS x(s text, r text, p int, t real, v int)
"""

COLUMNS = """
WITH given AS (
  SELECT * FROM json_to_recordset($1::json) AS x(s text, r text, a text, i bool, nf real, aw int, nd real,
    mcv text, mcf real[], hb text, co real, mce text, mef real[], ech real[], rlh text, ref real, rbh text)
), typed AS (
  SELECT g.*, a.attrelid, a.attnum, a.attcollation, t.oid AS type, t.typelem AS element, t.typtype,
    (t.oid < 16384 OR t.typtype = 'e') AND t.typtype NOT IN ('c', 'd')
      AND (t.typelem = 0 OR t.typelem < 16384 OR e.typtype = 'e') AS safe,
    CASE WHEN t.oid = 1043 THEN 25 WHEN t.typtype = 'e' THEN 3500 WHEN t.typtype = 'r' THEN 3831
      WHEN t.typelem <> 0 AND t.typlen = -1 THEN 2277 ELSE t.oid END AS ordered,
    CASE WHEN e.oid = 1043 THEN 25 WHEN e.typtype = 'e' THEN 3500 ELSE e.oid END AS ordered_element
  FROM given g JOIN pg_namespace n ON n.nspname = g.s JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = g.r
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = g.a AND NOT a.attisdropped
  JOIN pg_type d ON d.oid = a.atttypid
  JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typelem <> 0
), operators AS (
  SELECT k.opcintype AS type, max(o.amopopr) FILTER (WHERE o.amopstrategy = 1) AS less,
    max(o.amopopr) FILTER (WHERE o.amopstrategy = 3) AS equal
  FROM pg_opclass k JOIN pg_amop o ON o.amopfamily = k.opcfamily AND o.amoplefttype = k.opcintype
    AND o.amoprighttype = k.opcintype
  WHERE k.opcmethod = 403 AND k.opcdefault GROUP BY 1
), slots AS (
  SELECT t.*, coalesce(o.less, 0) AS less, coalesce(o.equal, 0) AS equal, coalesce(p.equal, 0) AS element_equal,
    safe AND mcv IS NOT NULL AS one, safe AND hb IS NOT NULL AS two, co IS NOT NULL AS three,
    safe AND mce IS NOT NULL AS four, safe AND rlh IS NOT NULL AS four_range,
    ech IS NOT NULL AS five, safe AND rbh IS NOT NULL AS five_range
  FROM typed t LEFT JOIN operators o ON o.type = t.ordered LEFT JOIN operators p ON p.type = t.ordered_element
)
INSERT INTO pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
  stakind1, stakind2, stakind3, stakind4, stakind5, staop1, staop2, staop3, staop4, staop5,
  stacoll1, stacoll2, stacoll3, stacoll4, stacoll5,
  stanumbers1, stanumbers2, stanumbers3, stanumbers4, stanumbers5,
  stavalues1, stavalues2, stavalues3, stavalues4, stavalues5)
SELECT attrelid, attnum, i, coalesce(nf, 0), coalesce(aw, 0), coalesce(nd, 0),
  CASE WHEN one THEN 1 ELSE 0 END, CASE WHEN two THEN 2 ELSE 0 END, CASE WHEN three THEN 3 ELSE 0 END,
  CASE WHEN four THEN 4 WHEN four_range THEN 6 ELSE 0 END, CASE WHEN five THEN 5 WHEN five_range THEN 7 ELSE 0 END,
  CASE WHEN one THEN equal ELSE 0 END, CASE WHEN two THEN less ELSE 0 END, CASE WHEN three THEN less ELSE 0 END,
  CASE WHEN four THEN element_equal WHEN four_range THEN 672 ELSE 0 END,
  CASE WHEN five THEN element_equal ELSE 0 END,
  attcollation, attcollation, attcollation, attcollation, attcollation,
  CASE WHEN one THEN mcf END, NULL, CASE WHEN three THEN ARRAY[co] END,
  CASE WHEN four THEN mef WHEN four_range THEN ARRAY[coalesce(ref, 0)] END, CASE WHEN five THEN ech END,
  CASE WHEN one THEN array_in(mcv::cstring, type, -1) END, CASE WHEN two THEN array_in(hb::cstring, type, -1) END, NULL,
  CASE WHEN four THEN array_in(mce::cstring, CASE WHEN element <> 0 THEN element ELSE 25::oid END, -1)
    WHEN four_range THEN array_in(rlh::cstring, 701, -1) END,
  CASE WHEN five_range THEN array_in(rbh::cstring, type, -1) END
FROM slots
"""
"""Kinds of slots: src/include/catalog/pg_statistic.h. Operator 672 compares float8."""
