"""A database full of traps, and queries that try to change something while looking like reads."""

from __future__ import annotations

TRAPS = """
SET check_function_bodies = off;
CREATE TABLE canary (id int PRIMARY KEY, name text, touched timestamptz);
INSERT INTO canary VALUES (1, 'tweety', NULL), (2, NULL, NULL);
CREATE SEQUENCE counter;
CREATE SCHEMA side;
CREATE FUNCTION kill() RETURNS int LANGUAGE plpgsql VOLATILE AS
  'BEGIN UPDATE canary SET touched = now(); RETURN 1; END';
CREATE FUNCTION side.kill(int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN nextval(''counter''); END';
CREATE FUNCTION lying_sql(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT kill() + $1';
CREATE FUNCTION lying_body(a int) RETURNS int LANGUAGE sql STABLE RETURN kill() + a;
CREATE FUNCTION lying_atomic(a int) RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT kill(); SELECT a; END;
CREATE FUNCTION lying_plpgsql(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN kill(); END';
CREATE FUNCTION lying_dynamic(text) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN EXECUTE $1; RETURN 1; END';
CREATE FUNCTION lying_lock(int) RETURNS int LANGUAGE plpgsql STABLE AS
  'BEGIN PERFORM pg_advisory_lock(7); RETURN 1; END';
CREATE FUNCTION lying_quoted(int) RETURNS int LANGUAGE plpgsql STABLE AS
  'BEGIN RETURN "kill"/* */-- x
   (); END';
CREATE FUNCTION lying_escape(int) RETURNS int LANGUAGE plpgsql STABLE AS
  'BEGIN RETURN U&"\\006bill"(); END';
CREATE FUNCTION lying_attribute(c canary) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN c.hidden; END';
CREATE FUNCTION hidden(c canary) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT kill()';
CREATE FUNCTION lying_view(int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM bad_view';
CREATE FUNCTION lying_default(a int DEFAULT kill()) RETURNS int LANGUAGE sql STABLE AS 'SELECT a';
CREATE FUNCTION lying_path(int) RETURNS int LANGUAGE sql STABLE SET search_path = side AS 'SELECT kill(1)';
CREATE FUNCTION lying_cast(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT CAST(1 AS guarded)::int';
CREATE FUNCTION definer(int) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT $1';
CREATE FUNCTION nested_3(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT lying_lock($1)';
CREATE FUNCTION nested_2(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT nested_3($1)';
CREATE FUNCTION nested_1(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT nested_2($1)';
CREATE FUNCTION honest(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION honest_plpgsql(a int) RETURNS text LANGUAGE plpgsql STABLE AS
  'DECLARE n text; BEGIN SELECT c.name INTO n FROM canary c WHERE c.id = a; RETURN upper(n) || ''x''; END';
CREATE FUNCTION honest_recursive(a int) RETURNS int LANGUAGE sql STABLE AS
  'SELECT CASE WHEN $1 <= 0 THEN 0 ELSE honest($1) END';
CREATE VIEW bad_view AS SELECT id, kill() AS k FROM canary;
CREATE VIEW upon_bad_view AS SELECT count(*) AS n FROM bad_view;
CREATE VIEW lock_view AS SELECT id, pg_try_advisory_lock(5) AS locked FROM canary;
CREATE VIEW good_view AS SELECT id, upper(name) AS name FROM canary;
CREATE FUNCTION check_it(int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM kill(); RETURN true; END';
CREATE DOMAIN guarded AS int CHECK (check_it(VALUE));
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE FUNCTION as_colour(text) RETURNS colour LANGUAGE plpgsql VOLATILE AS
  'BEGIN PERFORM kill(); RETURN ''red''; END';
CREATE CAST (text AS colour) WITH FUNCTION as_colour(text) AS IMPLICIT;
CREATE TYPE boxed AS (a int, g guarded);
CREATE TABLE painted (id int, c colour);
INSERT INTO painted VALUES (1, 'green');
CREATE FUNCTION op_kill(int, int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN kill(); END';
CREATE OPERATOR <=#=> (FUNCTION = op_kill, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR side.#+# (FUNCTION = op_kill, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION op_twin(int, text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN kill() = 1; END';
CREATE FUNCTION op_good(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR !==! (FUNCTION = op_twin, LEFTARG = int, RIGHTARG = text);
CREATE OPERATOR ===! (FUNCTION = op_good, LEFTARG = int, RIGHTARG = text, NEGATOR = !==!);
CREATE FUNCTION step(int, int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN kill(); END';
CREATE AGGREGATE kill_all(int) (SFUNC = step, STYPE = int, INITCOND = '0');
CREATE AGGREGATE add_all(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TABLE ruled (id int, owner text);
INSERT INTO ruled VALUES (1, 'x');
ALTER TABLE ruled ENABLE ROW LEVEL SECURITY;
ALTER TABLE ruled FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON ruled USING (kill() = 1);
CREATE TABLE parted (id int) PARTITION BY LIST (id);
CREATE TABLE computed (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL);
INSERT INTO computed VALUES (1);
CREATE FUNCTION public.lower(canary) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT kill()::text';
CREATE FUNCTION pg_temp_like() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
"""

HONEST = (
    "SELECT 1",
    "VALUES (1, 'a'), (2, 'b')",
    "TABLE canary",
    "SELECT count(*), max(id) FROM canary WHERE name LIKE 't%' AND id BETWEEN 1 AND 5",
    "SELECT * FROM good_view ORDER BY id LIMIT 1",
    "WITH c AS (SELECT id FROM canary) SELECT * FROM c JOIN canary USING (id)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n",
    "SELECT honest(id), honest_plpgsql(id), honest_recursive(id) FROM canary",
    "SELECT random(), clock_timestamp(), now(), gen_random_uuid()",
    "SELECT id::positive FROM canary",
    "SELECT add_all(id), array_agg(name ORDER BY id) FILTER (WHERE id > 0) FROM canary",
    "SELECT row_number() OVER (PARTITION BY name ORDER BY id) FROM canary",
    "SELECT g FROM generate_series(1, 3) AS g",
    "SELECT jsonb_build_object('a', id) -> 'a', to_jsonb(c) FROM canary c",
    "SELECT coalesce(name, 'none'), nullif(id, 1), greatest(id, 2), extract(year FROM now()) FROM canary",
    "SELECT '; DROP TABLE canary; --', $$; DELETE FROM canary$$ -- ; DROP TABLE canary\n",
    "SELECT * FROM canary TABLESAMPLE bernoulli (50)",
    "SELECT twice FROM computed",
    "SELECT pg_total_relation_size('canary'), current_setting('work_mem')",
    "SELECT 1 ===! 'x'::text WHERE false",
    "SELECT id FROM canary UNION SELECT 2 EXCEPT SELECT 3 ORDER BY 1",
    "SELECT last_value FROM counter",
    "SELECT relname FROM pg_class WHERE oid = 'canary'::regclass;",
)
"""Queries that only read. ``===!`` has a negator that acts, so it alone of these is refused."""

ATTACKS = (
    # more than one statement, or none that reads
    "SELECT 1; DROP TABLE canary",
    "SELECT 1; SELECT kill()",
    ";DELETE FROM canary;",
    "SELECT 1 /* ; */; DELETE FROM canary",
    "SELECT $a$;$a$; DELETE FROM canary",
    "SELECT E'\\''; DELETE FROM canary; --'",
    "SELECT '\\'; DELETE FROM canary; --'",
    "SELECT 1 --\n; DELETE FROM canary",
    "SELECT /* /* nested */ */ 1; TRUNCATE canary",
    "DELETE FROM canary",
    "UPDATE canary SET touched = now() RETURNING *",
    "INSERT INTO canary VALUES (9) RETURNING id",
    "MERGE INTO canary c USING canary d ON c.id = d.id WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM canary RETURNING *) SELECT * FROM gone",
    "WITH a AS (SELECT 1), b AS (UPDATE canary SET name = 'x' RETURNING 1) SELECT * FROM a, b",
    "SELECT * FROM (WITH x AS (INSERT INTO canary VALUES (8) RETURNING 1) SELECT * FROM x) y",
    "WITH a AS (WITH b AS (DELETE FROM canary RETURNING 1) SELECT * FROM b) SELECT * FROM a",
    "SELECT * INTO copy FROM canary",
    "SELECT 1 INTO TEMP scratchpad",
    "CREATE TABLE copy AS SELECT 1",
    "SELECT * FROM canary FOR UPDATE",
    "SELECT * FROM (SELECT * FROM canary FOR SHARE) s",
    "SELECT * FROM canary WHERE id IN (SELECT id FROM canary FOR NO KEY UPDATE SKIP LOCKED)",
    "COPY canary TO STDOUT",
    "COPY (SELECT kill()) TO STDOUT",
    "EXPLAIN ANALYZE DELETE FROM canary",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CALL p()",
    "DO $$BEGIN PERFORM kill(); END$$",
    "SET work_mem = '1GB'",
    "LOCK TABLE canary",
    "NOTIFY x",
    "VACUUM",
    "DECLARE c CURSOR FOR SELECT kill()",
    "SELECT $1",
    "",
    "   -- nothing\n",
    # functions of PostgreSQL
    "SELECT pg_sleep(10)",
    "SELECT pg_sleep_for('10 s')",
    "SELECT PG_CATALOG.PG_SLEEP(10)",
    'SELECT "pg_sleep"(10)',
    'SELECT U&"pg\\005fsleep"(10)',
    "SELECT nextval('counter')",
    "SELECT setval('counter', 99)",
    "SELECT currval('counter')",
    "SELECT set_config('work_mem', '1GB', false)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_notify('x', 'y')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_cancel_backend(1)",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT * FROM pg_ls_dir('.')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT query_to_xml('SELECT kill()', true, true, '')",
    "SELECT table_to_xml('bad_view', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT cursor_to_xml('c', 1, true, true, '')",
    "SELECT * FROM ts_stat('SELECT kill()::text::tsvector')",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, kill()::text::tsquery')",
    "SELECT txid_current()",
    "SELECT pg_current_xact_id()",
    "SELECT pg_export_snapshot()",
    "SELECT pg_stat_reset()",
    "SELECT pg_switch_wal()",
    "SELECT pg_logical_emit_message(true, 'x', 'y')",
    "SELECT pg_input_is_valid('1', 'guarded')",
    "SELECT setseed(0.5)",
    "SELECT brin_summarize_new_values('canary_pkey')",
    "SELECT gin_clean_pending_list('canary_pkey')",
    "SELECT 1 ORDER BY pg_advisory_lock(2)::text",
    "SELECT 1 LIMIT (SELECT nextval('counter'))",
    "SELECT count(*) FILTER (WHERE pg_try_advisory_lock(3)) FROM canary",
    "SELECT * FROM canary c, LATERAL pg_advisory_lock(c.id)",
    "SELECT * FROM ROWS FROM (generate_series(1, 2), nextval('counter')) AS r",
    "SELECT * FROM canary TABLESAMPLE bernoulli (nextval('counter'))",
    "SELECT sum(id) OVER (ORDER BY id ROWS nextval('counter') PRECEDING) FROM canary",
    "VALUES (nextval('counter'))",
    "SELECT CASE WHEN true THEN pg_advisory_lock(4)::text END",
    "SELECT GROUPING(x) FROM (SELECT nextval('counter') AS x) s GROUP BY ROLLUP (x)",
    "SELECT * FROM JSON_TABLE(nextval('counter')::text::jsonb, '$' COLUMNS (a int PATH '$'))",
    # functions of the users
    "SELECT kill()",
    "SELECT side.kill(1)",
    "SELECT lying_sql(1)",
    "SELECT lying_body(1)",
    "SELECT lying_atomic(1)",
    "SELECT lying_plpgsql(1)",
    "SELECT lying_dynamic('SELECT kill()')",
    "SELECT lying_lock(1)",
    "SELECT lying_quoted(1)",
    "SELECT lying_escape(1)",
    "SELECT lying_attribute(c) FROM canary c",
    "SELECT lying_view(1)",
    "SELECT lying_default()",
    "SELECT lying_path(1)",
    "SELECT lying_cast(1)",
    "SELECT definer(1)",
    "SELECT nested_1(1)",
    "SELECT nowhere(1)",
    "SELECT lower(c) FROM canary c",
    "SELECT c.hidden FROM canary c",
    "SELECT (c).hidden FROM canary c",
    "SELECT c.lower FROM canary c",
    "SELECT kill_all(id) FROM canary",
    "SELECT kill_all(id) OVER () FROM canary",
    # views, types, casts, operators, policies
    "SELECT * FROM bad_view",
    "TABLE upon_bad_view",
    "SELECT (SELECT max(locked::int) FROM lock_view)",
    "SELECT 1 WHERE EXISTS (SELECT FROM lock_view)",
    "SELECT 5::guarded",
    "SELECT CAST('5' AS guarded)",
    "SELECT guarded '5'",
    "SELECT '{1,2}'::guarded[]",
    "SELECT '(1,2)'::boxed",
    "SELECT * FROM json_to_record('{\"a\": 1}') AS r(a guarded)",
    "SELECT * FROM json_populate_record(NULL::boxed, '{\"g\": 1}')",
    "SELECT name::colour FROM canary",
    "SELECT * FROM painted WHERE c = 'red'::text",
    "SELECT colour(name) FROM canary",
    "SELECT 1 <=#=> 2",
    "SELECT 1 OPERATOR(side.#+#) 2",
    "SELECT NOT (1 ===! 'x'::text)",
    "SELECT 1 <=#=> ANY (ARRAY[1, 2])",
    "SELECT * FROM ruled",
    "SELECT * FROM no_such_table",
)
