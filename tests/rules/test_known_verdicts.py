"""Statements that other linters misjudge: alarms that are false, and dangers they miss."""

from __future__ import annotations

import pytest
from rule_help import by_engine, by_text

from backend.engines.postgres.host import PostgresHost

TABLES = """
CREATE TABLE parent (id bigint PRIMARY KEY);
CREATE TABLE t (id bigint PRIMARY KEY, n int, name varchar(50), price numeric(10,2), at timestamptz);
CREATE TABLE m (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE m0 PARTITION OF m FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE m1 (id bigint NOT NULL, at date NOT NULL);
CREATE UNLOGGED TABLE u (id bigint PRIMARY KEY);
CREATE MATERIALIZED VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
INSERT INTO parent VALUES (1), (2);
INSERT INTO t VALUES (1, 1, 'a', 1, now()), (2, 2, 'b', 2, now());
INSERT INTO m1 VALUES (1, '2026-01-05');
"""
PROVEN = "ALTER TABLE t ADD CONSTRAINT n_present CHECK (n IS NOT NULL);"
BOUNDED = "ALTER TABLE m1 ADD CONSTRAINT m1_at CHECK (at >= '2026-01-01' AND at < '2026-02-01');"
BOUNDS = "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"

FALSE_ALARMS = {
    "a virtual generated column": ("", "ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) VIRTUAL;"),
    "varchar grows": ("", "ALTER TABLE t ALTER COLUMN name TYPE varchar(100);"),
    "varchar becomes text": ("", "ALTER TABLE t ALTER COLUMN name TYPE text;"),
    "varchar loses its limit": ("", "ALTER TABLE t ALTER COLUMN name TYPE varchar;"),
    "numeric gains precision": ("", "ALTER TABLE t ALTER COLUMN price TYPE numeric(12,2);"),
    "SET NOT NULL proven by a CHECK": (PROVEN, "ALTER TABLE t ALTER COLUMN n SET NOT NULL;"),
    "SET NOT NULL proven by a CHECK of the same file": (
        "",
        f"SET lock_timeout = '2s';{PROVEN.replace(');', ') NOT VALID;')}"
        "ALTER TABLE t VALIDATE CONSTRAINT n_present; ALTER TABLE t ALTER COLUMN n SET NOT NULL;",
    ),
    "SET NOT NULL of what is NOT NULL": ("", "ALTER TABLE t ALTER COLUMN id SET NOT NULL;"),
    "a constant default": ("", "ALTER TABLE t ADD COLUMN active boolean NOT NULL DEFAULT true;"),
    "a default of now()": ("", "ALTER TABLE t ADD COLUMN seen timestamptz NOT NULL DEFAULT now();"),
    "an attached table that a CHECK bounds": (BOUNDED, f"ALTER TABLE m ATTACH PARTITION m1 {BOUNDS};"),
    "an index on a table of the same file": ("", "CREATE TABLE x (n int); CREATE INDEX ON x (n);"),
    "a constraint of a table of the same file": ("", "CREATE TABLE x (n int); ALTER TABLE x ADD UNIQUE (n);"),
    "ADD UNIQUE USING INDEX": (
        "CREATE UNIQUE INDEX t_n ON t (n);",
        "ALTER TABLE t ADD CONSTRAINT t_n UNIQUE USING INDEX t_n;",
    ),
    "VALIDATE in a transaction of its own": (
        "ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;",
        "ALTER TABLE t VALIDATE CONSTRAINT positive;",
    ),
    "a batch of a backfill": ("", "UPDATE t SET n = 0 WHERE id BETWEEN 1 AND 1000;"),
    "a constraint that is not enforced": ("", "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT ENFORCED;"),
}

MISSES = {
    "SET UNLOGGED": ("ALTER TABLE t SET UNLOGGED;", "storage-change-rewrites-table"),
    "SET LOGGED": ("ALTER TABLE u SET LOGGED;", "storage-change-rewrites-table"),
    "CLUSTER": ("CLUSTER t USING t_pkey;", "vacuum-full-or-cluster"),
    "VACUUM FULL": ("VACUUM FULL t;", "vacuum-full-or-cluster"),
    "CREATE TRIGGER": (
        "CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();",
        "trigger-locks-table",
    ),
    "DISABLE TRIGGER": ("ALTER TABLE t DISABLE TRIGGER USER;", "trigger-locks-table"),
    "TRUNCATE": ("TRUNCATE t;", "truncate"),
    "a whole-table UPDATE": ("UPDATE t SET n = 0;", "update-or-delete-without-where"),
    "a whole-table backfill": ("ALTER TABLE t ADD COLUMN k int; UPDATE t SET k = n;", "unbatched-backfill"),
    "a backfill of what is NULL": (
        "ALTER TABLE t ADD COLUMN k int; UPDATE t SET k = n WHERE k IS NULL;",
        "unbatched-backfill",
    ),
    "CREATE TABLE ... REFERENCES": ("CREATE TABLE x (p bigint REFERENCES parent);", "create-table-fk-locks-parent"),
    "ADD COLUMN ... REFERENCES": (
        "ALTER TABLE t ADD COLUMN p bigint REFERENCES parent;",
        "create-table-fk-locks-parent",
    ),
    "ADD FOREIGN KEY to a new table": (
        "CREATE TABLE x (p bigint); ALTER TABLE x ADD FOREIGN KEY (p) REFERENCES parent;",
        "create-table-fk-locks-parent",
    ),
    "PARTITION OF": (f"CREATE TABLE m2 PARTITION OF m {BOUNDS};", "partition-locks-parent"),
    "ATTACH PARTITION": (f"ALTER TABLE m ATTACH PARTITION m1 {BOUNDS};", "attach-partition-scans"),
    "DETACH PARTITION": ("ALTER TABLE m DETACH PARTITION m0;", "detach-partition-blocks"),
    "DETACH CONCURRENTLY in a transaction": (
        "BEGIN; ALTER TABLE m DETACH PARTITION m0 CONCURRENTLY; COMMIT;",
        "concurrently-in-transaction",
    ),
    "REFRESH MATERIALIZED VIEW": ("REFRESH MATERIALIZED VIEW v;", "refresh-materialized-view-blocks"),
    "CREATE POLICY": ("CREATE POLICY p ON t USING (true);", "policy-locks-table"),
    "ENABLE ROW LEVEL SECURITY": ("ALTER TABLE t ENABLE ROW LEVEL SECURITY;", "policy-locks-table"),
    "REINDEX": ("REINDEX INDEX t_pkey;", "reindex-not-concurrent"),
    "a stored generated column": (
        "ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED;",
        "volatile-default-rewrites-table",
    ),
    "an identity column": (
        "ALTER TABLE t ADD COLUMN k bigint GENERATED ALWAYS AS IDENTITY;",
        "volatile-default-rewrites-table",
    ),
    "a serial column": ("ALTER TABLE t ADD COLUMN k serial;", "volatile-default-rewrites-table"),
    "varchar shrinks": ("ALTER TABLE t ALTER COLUMN name TYPE varchar(40);", "type-change-rewrites-table"),
    "int becomes bigint": ("ALTER TABLE t ALTER COLUMN n TYPE bigint;", "type-change-rewrites-table"),
    "a type change that computes": (
        "ALTER TABLE t ALTER COLUMN name TYPE text USING lower(name);",
        "type-change-rewrites-table",
    ),
    "UNIQUE inside ADD COLUMN": ("ALTER TABLE t ADD COLUMN k int UNIQUE;", "add-column-inline-constraint"),
    "CHECK inside ADD COLUMN": ("ALTER TABLE t ADD COLUMN k int CHECK (k > 0);", "add-column-inline-constraint"),
    "ADD NOT NULL": ("ALTER TABLE t ADD CONSTRAINT n_here NOT NULL n;", "set-not-null-scans-table"),
    "EXCLUDE": ("ALTER TABLE t ADD EXCLUDE (n WITH =);", "unique-builds-index"),
    "one part of several": ("ALTER TABLE t ADD COLUMN k int, ADD CHECK (n > 0);", "check-validates-now"),
    "NOT VALID and VALIDATE in one transaction": (
        "BEGIN; ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; COMMIT;",
        "validate-in-same-transaction",
    ),
    "a backfill under the lock of ALTER TABLE": (
        "BEGIN; ALTER TABLE t ADD COLUMN k int; UPDATE t SET k = n; COMMIT;",
        "lock-held-while-working",
    ),
}
HARMLESS = {"no-lock-timeout"}
"""True of every ALTER TABLE, said once a file, of low severity."""


@pytest.mark.parametrize("name", FALSE_ALARMS)
async def test_no_false_alarm_when_run(postgres: PostgresHost, name: str) -> None:
    setup, sql = FALSE_ALARMS[name]
    judged = await by_engine(postgres, f"{TABLES}{setup}\n-- setup ends\n{sql}")
    assert {item.rule for item in judged} <= HARMLESS


@pytest.mark.parametrize("name", FALSE_ALARMS)
def test_no_false_alarm_when_read(name: str) -> None:
    setup, sql = FALSE_ALARMS[name]
    judged = by_text(f"{TABLES}{setup}\n-- setup ends\n{sql}")
    assert {item.rule for item in judged} <= HARMLESS


@pytest.mark.parametrize("name", MISSES)
async def test_no_danger_missed_when_run(postgres: PostgresHost, name: str) -> None:
    sql, rule = MISSES[name]
    judged = await by_engine(postgres, f"{TABLES}\n-- setup ends\n{sql}")
    assert [item.rule for item in judged].count(rule) == 1
    assert "migration-fails" not in {item.rule for item in judged}


@pytest.mark.parametrize("name", MISSES)
def test_no_danger_missed_when_read(name: str) -> None:
    sql, rule = MISSES[name]
    judged = by_text(f"{TABLES}\n-- setup ends\n{sql}")
    assert [item.rule for item in judged].count(rule) == 1


@pytest.mark.parametrize("name", [name for name in MISSES if "varchar" in name or "bigint" in name])
def test_a_type_change_of_an_unknown_column_is_an_assumption_that_says_what_would_flip_it(name: str) -> None:
    judged = by_text(MISSES[name][0])
    evidence = [item.judgement.finding.evidence[0] for item in judged if item.rule == "type-change-rewrites-table"]
    assert [item.basis.value for item in evidence] == ["assumed"]
    assert evidence[0].flips


def test_a_function_nobody_knows_is_an_assumption() -> None:
    judged = by_text("ALTER TABLE t ADD COLUMN code text DEFAULT make_code();")
    finding = next(item.judgement.finding for item in judged if item.rule == "volatile-default-rewrites-table")
    assert finding.evidence[0].flips == "make_code() is declared STABLE or IMMUTABLE"


async def test_a_function_that_proves_stable_is_acquitted(postgres: PostgresHost) -> None:
    setup = "CREATE FUNCTION make_code() RETURNS text LANGUAGE sql STABLE AS $$SELECT 'x'$$;"
    judged = await by_engine(
        postgres, f"{TABLES}{setup}\n-- setup ends\nALTER TABLE t ADD COLUMN code text DEFAULT make_code();"
    )
    assert {item.rule for item in judged} == HARMLESS


async def test_the_missing_lock_timeout_is_said_once_a_file(postgres: PostgresHost) -> None:
    sql = "BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT; BEGIN; ALTER TABLE t ADD COLUMN b int; COMMIT;"
    sql += "DROP TABLE parent; ALTER TABLE t RENAME COLUMN a TO c;"
    found = [item.rule for item in await by_engine(postgres, f"{TABLES}\n-- setup ends\n{sql}")]
    assert found.count("no-lock-timeout") == 1
    assert [item.rule for item in by_text(sql)].count("no-lock-timeout") == 1


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SET lock_timeout = '2s'; BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT;", 0),
        ("BEGIN; SET LOCAL lock_timeout = 2000; ALTER TABLE t ADD COLUMN a int; COMMIT;", 0),
        ("SET lock_timeout = 0; ALTER TABLE t ADD COLUMN a int;", 1),
        ("SET statement_timeout = '2s'; ALTER TABLE t ADD COLUMN a int;", 1),
        ("BEGIN; SET LOCAL lock_timeout = '2s'; COMMIT; BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT;", 1),
        ("ALTER TABLE t VALIDATE CONSTRAINT c;", 0),
        ("ALTER VIEW w SET (security_barrier = true);", 0),
    ],
)
def test_a_lock_timeout_counts_where_it_holds(sql: str, said: int) -> None:
    assert [item.rule for item in by_text(sql)].count("no-lock-timeout") == said
