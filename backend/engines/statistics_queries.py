"""The SQL that collects what the planner knows as one JSON document (PostgreSQL 10 to 18).

``pg_stats`` is read by column where every version has the column and as JSON where only later ones do, so that one
text serves all versions. ``@EXTENDED@`` and ``@HEIGHTS@`` stand for JSON that only some roles may read.
"""

from __future__ import annotations

SESSION = (
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "3"),
    ("search_path", ""),
)
"""What decides how values are spelt, and how it is set while they are read."""

_RELATIONS = """relations AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relpages, c.relallvisible,
    coalesce(t.relname, '') AS tablename,
    CASE WHEN c.relkind IN ('r', 'm', 'i')
      THEN coalesce(pg_catalog.pg_relation_size(c.oid) / 8192, c.relpages) ELSE 0 END AS pages,
    CASE WHEN c.relkind IN ('i', 'I')
      THEN x.indexprs IS NOT NULL AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
      ELSE NOT pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
        OR c.relrowsecurity AND pg_catalog.row_security_active(c.oid) END AS hidden
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
  WHERE c.relkind IN ('r', 'm', 'i', 'p', 'I') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname, 3) <> 'pg_'
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.objid = coalesce(t.oid, c.oid) AND d.deptype = 'e')
)"""

_COLUMNS = """columns AS (
  SELECT r.oid, a.attnum, a.attname, s.inherited, s.null_frac, s.avg_width, s.n_distinct, s.correlation,
    s.most_common_vals::text AS most_common_vals, s.most_common_freqs,
    s.histogram_bounds::text AS histogram_bounds,
    s.most_common_elems::text AS most_common_elems, s.most_common_elem_freqs, s.elem_count_histogram,
    CASE WHEN y.typtype IN ('r', 'm') THEN pg_catalog.to_json(s) END AS more,
    y.typcategory AS category, y.typtype, y.typname AS type, a.attcollation, a.atttypmod, r.nspname, r.relname
  FROM relations r JOIN pg_catalog.pg_stats s ON s.schemaname = r.nspname AND s.tablename = r.relname
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attname = s.attname
  JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
)"""

_REDACTION = """listed AS (
  SELECT c.oid, c.attnum, c.inherited, l.list, u.place, u.value, c.type = 'uuid' AS is_uuid,
    pg_catalog.length(u.value) AS long,
    CASE WHEN c.type = 'uuid' THEN 'uuid'
      WHEN c.atttypmod BETWEEN 5 AND 9 OR c.type = 'name' THEN c.oid || '.' || c.attnum
      ELSE 'text ' || (c.attcollation = 100) END AS together,
    CASE WHEN c.attcollation = 100 THEN u.value END AS by_default,
    CASE WHEN c.attcollation <> 100 THEN u.value COLLATE "C" END AS by_bytes,
    CASE WHEN c.atttypmod > 4 THEN c.atttypmod - 4 ELSE 1000000 END AS room
  FROM columns c
  CROSS JOIN LATERAL (VALUES ('v', c.most_common_vals), ('h', c.histogram_bounds)) l (list, literal)
  CROSS JOIN LATERAL pg_catalog.unnest(l.literal::text[]) WITH ORDINALITY u (value, place)
  WHERE c.type = 'uuid' OR c.category = 'S' AND c.typtype = 'b' AND c.attcollation IN (100, 950)
), ranked AS (
  SELECT *, (pg_catalog.dense_rank() OVER (PARTITION BY together ORDER BY by_default, by_bytes))::int - 1 AS rank
  FROM listed
), sized AS (
  SELECT *, CASE WHEN m < 36 THEN 1 WHEN m < 1296 THEN 2 WHEN m < 46656 THEN 3 WHEN m < 1679616 THEN 4 ELSE 6 END
    AS width
  FROM (SELECT *, pg_catalog.max(rank) OVER (PARTITION BY together) AS m FROM ranked) r
), surrogates AS (
  SELECT oid, attnum, inherited, list, pg_catalog.bool_and(width <= room) AS fits,
    pg_catalog.array_agg(CASE WHEN is_uuid
      THEN pg_catalog.lpad(pg_catalog.to_hex(rank), 8, '0') || '-0000-4000-8000-000000000000'
      ELSE pg_catalog.rpad(token, pg_catalog.greatest_of(long, width), 'x') END ORDER BY place)::text AS literal
  FROM (SELECT *, (SELECT pg_catalog.string_agg(pg_catalog.substr('0123456789abcdefghijklmnopqrstuvwxyz',
      (rank / (36 ^ (width - digit))::bigint % 36)::int + 1, 1), '' ORDER BY digit)
    FROM pg_catalog.generate_series(1, width) digit) AS token FROM sized) t
  GROUP BY oid, attnum, inherited, list
), told AS (
  SELECT c.*, c.category IN ('B', 'E', 'N', 'D', 'T') AS kept, v.literal AS values_told, h.literal AS bounds_told,
    coalesce(v.fits, true) AND coalesce(h.fits, true) AS fits
  FROM columns c
  LEFT JOIN surrogates v ON v.oid = c.oid AND v.attnum = c.attnum AND v.inherited = c.inherited AND v.list = 'v'
  LEFT JOIN surrogates h ON h.oid = c.oid AND h.attnum = c.attnum AND h.inherited = c.inherited AND h.list = 'h'
)""".replace("pg_catalog.greatest_of", "greatest")

_PLAIN = """told AS (
  SELECT c.*, true AS kept, NULL::text AS values_told, NULL::text AS bounds_told, true AS fits FROM columns c
)"""

_DOCUMENT = """SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
'format', 'planner statistics', 'format_version', 1,
'server_version_num', pg_catalog.current_setting('server_version_num')::int,
'block_size', pg_catalog.current_setting('block_size')::int,
'redacted', @REDACTED@,
'settings', (SELECT pg_catalog.json_object_agg(g.name, pg_catalog.current_setting(g.name) ORDER BY g.name)
  FROM pg_catalog.pg_settings g WHERE g.vartype IS NOT NULL AND (
    g.setting IS DISTINCT FROM g.boot_val AND (g.category LIKE 'Query Tuning%' OR g.name IN ('work_mem',
      'hash_mem_multiplier', 'temp_buffers', 'effective_io_concurrency', 'max_parallel_workers_per_gather',
      'max_parallel_workers', 'parallel_leader_participation', 'jit'))
    OR g.name = 'hash_mem_multiplier' AND pg_catalog.current_setting('server_version_num')::int < 150000)),
'relations', coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'schema', r.nspname, 'name', r.relname, 'kind', r.relkind::text, 'pages', r.pages, 'tuples', r.reltuples,
    'relpages', r.relpages, 'all_visible', r.relallvisible, 'table', r.tablename,
    'height', (@HEIGHTS@::json ->> r.oid::text)::int, 'hidden', CASE WHEN r.hidden THEN true END,
    'columns', t.columns)
    ORDER BY r.nspname, r.relname) FROM relations r LEFT JOIN (
      SELECT c.oid, pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', c.attname, 'inherited', c.inherited, 'null_frac', c.null_frac, 'avg_width', c.avg_width,
        'n_distinct', c.n_distinct, 'correlation', c.correlation,
        'most_common_vals', CASE WHEN c.kept THEN c.most_common_vals WHEN c.fits THEN c.values_told END,
        'most_common_freqs', CASE WHEN c.kept OR c.fits AND c.values_told IS NOT NULL THEN c.most_common_freqs END,
        'histogram_bounds', CASE WHEN c.kept THEN c.histogram_bounds WHEN c.fits THEN c.bounds_told END,
        'most_common_elems', CASE WHEN c.kept THEN c.most_common_elems END,
        'most_common_elem_freqs', CASE WHEN c.kept THEN c.most_common_elem_freqs END,
        'elem_count_histogram', CASE WHEN c.kept OR c.category = 'A' THEN c.elem_count_histogram END,
        'range_length_histogram', CASE WHEN c.kept THEN (SELECT pg_catalog.array_agg(e)::text
          FROM pg_catalog.json_array_elements_text(c.more -> 'range_length_histogram') e
          WHERE c.more ->> 'range_length_histogram' IS NOT NULL) END,
        'range_empty_frac', CASE WHEN c.kept THEN (c.more ->> 'range_empty_frac')::real END,
        'range_bounds_histogram', CASE WHEN c.kept THEN (SELECT pg_catalog.array_agg(e)::text
          FROM pg_catalog.json_array_elements_text(c.more -> 'range_bounds_histogram') e
          WHERE c.more ->> 'range_bounds_histogram' IS NOT NULL) END,
        'left_out', CASE WHEN NOT c.kept AND (NOT c.fits OR c.values_told IS NULL AND c.bounds_told IS NULL)
          AND coalesce(c.most_common_vals, c.histogram_bounds, c.most_common_elems) IS NOT NULL THEN true END
      ) ORDER BY c.attnum, c.inherited) AS columns
      FROM told c GROUP BY c.oid) t ON t.oid = r.oid), '[]'::json),
'extended', coalesce(@EXTENDED@::json, '[]'::json),
'extended_unreadable', CASE WHEN @EXTENDED@::json IS NULL THEN true END
))::text"""


def document_query(*, redact: bool, extended: str = "NULL", heights: str = "'{}'") -> str:
    """The query whose one row is the document.

    Args:
        redact: replace text and uuid values by surrogates on the server itself, and leave out what has no order.
        extended: SQL expression for the JSON of :func:`extended_query`; ``NULL`` where the role may not read it.
        heights: SQL expression for the JSON of :func:`heights_query`.
    """
    told = _REDACTION if redact else _PLAIN
    document = _DOCUMENT.replace("@REDACTED@", str(redact).lower())
    document = document.replace("@EXTENDED@", extended).replace("@HEIGHTS@", heights)
    return f"WITH {_RELATIONS}, {_COLUMNS}, {told}\n{document}"


MAY_READ = """SELECT
  CASE WHEN pg_catalog.to_regclass('pg_catalog.pg_statistic_ext_data') IS NULL THEN false
    ELSE pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') END AS may_read_extended,
  coalesce((SELECT n.nspname FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    JOIN pg_catalog.pg_roles u ON u.rolname = current_user AND u.rolsuper
    WHERE e.extname = 'pageinspect'), '') AS pageinspect"""
"""Whether the role may read extended statistics, and the schema of ``pageinspect`` where it may use that."""


def extended_query(*, redact: bool) -> str:
    """The query for the data of extended statistics; redacted, without their lists of values."""
    most_common = "NULL::text" if redact else "pg_catalog.encode(pg_catalog.pg_mcv_list_send(d.stxdmcv), 'hex')"
    return f"""SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
    'schema', n.nspname, 'name', s.stxname,
    'inherited', coalesce((pg_catalog.to_json(d) ->> 'stxdinherit')::boolean, false),
    'ndistinct', pg_catalog.encode(pg_catalog.pg_ndistinct_send(d.stxdndistinct), 'hex'),
    'dependencies', pg_catalog.encode(pg_catalog.pg_dependencies_send(d.stxddependencies), 'hex'),
    'most_common', {most_common},
    'expressions', CASE WHEN pg_catalog.to_json(d) ->> 'stxdexpr' IS NOT NULL THEN true END
  ) ORDER BY n.nspname, s.stxname), '[]'::json)::text AS extended
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = s.oid"""


def heights_query(function: str) -> str:
    """The query for the heights of B-trees by their OID.

    Args:
        function: ``bt_metap`` of ``pageinspect``, qualified and quoted.
    """
    return f"""SELECT coalesce(pg_catalog.json_object_agg(c.oid::text,
    (SELECT m.fastlevel
      FROM {function}(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)) m)
  ), '{{}}'::json)::text AS heights
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE c.relkind = 'i' AND a.amname = 'btree' AND c.relpersistence = 'p'
  AND n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname, 3) <> 'pg_'"""
