"""Fixes of every shape are proven on the engine, and fixes that are not quite right are refused."""

from __future__ import annotations

import pytest
from rule_help import Judged, by_engine, proven

from backend.engines.postgres.host import PostgresHost
from backend.prove import outside_transaction
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix, Step

TABLES = """
CREATE SCHEMA app;
CREATE TABLE parent (id bigint PRIMARY KEY);
CREATE TABLE t (id bigint PRIMARY KEY, n int, name text, parent_id bigint);
CREATE TABLE bare (id bigint, n int);
CREATE TABLE app."Order" ("Id" bigint PRIMARY KEY, "user" int);
CREATE TABLE m (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO m VALUES (1, '2026-01-05'), (2, '2026-02-05');
INSERT INTO parent VALUES (1), (2);
INSERT INTO t VALUES (1, 1, 'a', 1), (2, 2, 'b', 2);
INSERT INTO bare VALUES (1, 1), (2, 2);
INSERT INTO app."Order" VALUES (1, 1), (2, 2);
-- setup ends
"""
LONG = "a_column_whose_name_is_so_long_that_sixty_three_bytes_are_few"

PROVABLE = {
    "CHECK of two columns": ("ALTER TABLE t ADD CHECK (n > 0 AND id > 0);", "check-validates-now"),
    "CHECK with a name in use": (
        "ALTER TABLE t ADD CHECK (n > 0); ALTER TABLE t ADD CHECK (n > -1);",
        "check-validates-now",
    ),
    "quoted names": ('ALTER TABLE app."Order" ADD CHECK ("user" > 0);', "check-validates-now"),
    "quoted NOT NULL": ('ALTER TABLE app."Order" ALTER "user" SET NOT NULL;', "set-not-null-scans-table"),
    "quoted UNIQUE": ('ALTER TABLE app."Order" ADD UNIQUE ("user", "Id");', "unique-builds-index"),
    "a foreign key with actions": (
        "ALTER TABLE t ADD FOREIGN KEY (parent_id) REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;",
        "foreign-key-validates-now",
    ),
    "UNIQUE with INCLUDE": ("ALTER TABLE t ADD UNIQUE (n) INCLUDE (name);", "unique-builds-index"),
    "UNIQUE NULLS NOT DISTINCT": ("ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (n);", "unique-builds-index"),
    "UNIQUE DEFERRABLE": ("ALTER TABLE t ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED;", "unique-builds-index"),
    "a primary key of nullable columns": ("ALTER TABLE bare ADD PRIMARY KEY (id, n);", "unique-builds-index"),
    "a named NOT NULL": ("ALTER TABLE t ADD CONSTRAINT n_here NOT NULL n;", "set-not-null-scans-table"),
    "IF EXISTS and ONLY": ("ALTER TABLE IF EXISTS ONLY t ADD CHECK (n > 0);", "check-validates-now"),
    "several parts": (
        "ALTER TABLE t ADD COLUMN k int, ADD CHECK (k > 0), ALTER n SET NOT NULL, ADD UNIQUE (n), DROP COLUMN name;",
        "check-validates-now",
    ),
    "the same part twice": (
        "ALTER TABLE t ADD CHECK (n > 0), ADD CHECK (n < 100), ADD CHECK (id > 0);",
        "check-validates-now",
    ),
    "ADD COLUMN UNIQUE": ("ALTER TABLE t ADD COLUMN k int UNIQUE;", "add-column-inline-constraint"),
    "ADD COLUMN with everything": (
        "ALTER TABLE t ADD COLUMN k bigint NOT NULL DEFAULT 1 CHECK (k > 0) REFERENCES parent DEFERRABLE;",
        "add-column-inline-constraint",
    ),
    "a volatile default that is required": (
        "ALTER TABLE t ADD COLUMN k uuid NOT NULL DEFAULT gen_random_uuid();",
        "volatile-default-rewrites-table",
    ),
    "a volatile default that is unique": (
        "ALTER TABLE t ADD COLUMN k uuid UNIQUE NOT NULL DEFAULT gen_random_uuid();",
        "volatile-default-rewrites-table",
    ),
    "a serial": ("ALTER TABLE t ADD COLUMN k serial;", "volatile-default-rewrites-table"),
    "a bigserial key": ('ALTER TABLE bare ADD COLUMN "Key" bigserial PRIMARY KEY;', "volatile-default-rewrites-table"),
    "a serial in a schema": ('ALTER TABLE app."Order" ADD COLUMN "No" smallserial;', "volatile-default-rewrites-table"),
    "a name that is cut": (
        f"ALTER TABLE t ADD COLUMN {LONG} int; ALTER TABLE t ADD CHECK ({LONG} > 0);",
        "check-validates-now",
    ),
    "an index with a predicate": ("CREATE INDEX ON t (lower(name)) WHERE n > 0;", "index-not-concurrent"),
    "an index of a partitioned table": (
        "CREATE INDEX ON m (at, lower(id::text)) INCLUDE (id);",
        "index-not-concurrent",
    ),
    "a named index of a partitioned table": ("CREATE UNIQUE INDEX of_m ON m (id, at);", "index-not-concurrent"),
    "several indexes dropped": (
        "CREATE INDEX CONCURRENTLY a ON t (n); CREATE INDEX CONCURRENTLY b ON t (name); DROP INDEX a, b;",
        "drop-index-not-concurrent",
    ),
    "inside a transaction": (
        'BEGIN; SET LOCAL search_path = app; ALTER TABLE "Order" ADD COLUMN k int; CREATE INDEX ON "Order" (k);COMMIT;',
        "index-not-concurrent",
    ),
    "a constraint of a transaction": (
        "BEGIN; ALTER TABLE t ADD COLUMN k int; SAVEPOINT s; ALTER TABLE t ADD UNIQUE (k); COMMIT;",
        "unique-builds-index",
    ),
}


async def judged(host: PostgresHost, sql: str, rule: str) -> list[Judged]:
    found = [item for item in await by_engine(host, TABLES + sql) if item.rule == rule]
    assert found
    return found


@pytest.mark.parametrize("name", PROVABLE)
async def test_a_fix_leaves_the_same_catalog_and_the_finding_is_gone(postgres: PostgresHost, name: str) -> None:
    sql, rule = PROVABLE[name]
    last = (await judged(postgres, sql, rule))[-1]
    fix = await proven(postgres, TABLES + sql, last)
    assert fix.proven, (fix.proof, [step.sql for step in fix.steps])
    assert fix.proof.startswith("end catalog identical")


UNIQUE = "ALTER TABLE t ADD UNIQUE (n);"
CHECK = "ALTER TABLE t ADD CHECK (n > 0);"
NOT_VALID = "ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n > 0) NOT VALID"
INDEX = "CREATE INDEX t_n_idx ON t (n);"

REFUSED = {
    "VALIDATE is forgotten": (CHECK, "check-validates-now", [NOT_VALID], "end differs"),
    "another name": (
        CHECK,
        "check-validates-now",
        ["ALTER TABLE t ADD CONSTRAINT other CHECK (n > 0) NOT VALID", "ALTER TABLE t VALIDATE CONSTRAINT other"],
        "end differs",
    ),
    "another condition": (
        CHECK,
        "check-validates-now",
        [NOT_VALID.replace("> 0", "> -1"), "ALTER TABLE t VALIDATE CONSTRAINT t_n_check"],
        "end differs",
    ),
    "it is the original": (CHECK, "check-validates-now", [CHECK], "check-validates-now still holds"),
    "it locks in another way": (
        INDEX,
        "index-not-concurrent",
        ["ALTER TABLE t ADD CONSTRAINT t_n_idx UNIQUE (n)"],
        "scans or rewrites while others wait",
    ),
    "the index is built under a lock": (
        UNIQUE,
        "unique-builds-index",
        ["CREATE UNIQUE INDEX t_n_key ON t (n)", "ALTER TABLE t ADD CONSTRAINT t_n_key UNIQUE USING INDEX t_n_key"],
        "scans or rewrites while others wait",
    ),
    "an index in place of a constraint": (
        UNIQUE,
        "unique-builds-index",
        ["CREATE UNIQUE INDEX CONCURRENTLY t_n_key ON t (n)"],
        "end differs",
    ),
    "it fails": (CHECK, "check-validates-now", ["ALTER TABLE t VALIDATE CONSTRAINT t_n_check"], "fails itself"),
    "it is no SQL": (CHECK, "check-validates-now", ["ALTER TABEL t"], "could not be read"),
    "the timeout comes too late": (
        "ALTER TABLE t ADD COLUMN k int;",
        "no-lock-timeout",
        ["ALTER TABLE t ADD COLUMN k int", "SET lock_timeout = '2s'"],
        "no-lock-timeout still holds",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_weakened_fix_is_refused_with_its_reason(postgres: PostgresHost, name: str) -> None:
    sql, rule, steps, reason = REFUSED[name]
    item = (await judged(postgres, sql, rule))[0]
    weak = Fix(summary="weakened", steps=[Step(sql=step) for step in steps])
    fix = await proven(postgres, TABLES + sql, item, weak)
    assert not fix.proven
    assert fix.proof.startswith("not proven: ")
    assert reason in fix.proof


async def test_one_part_without_a_safe_way_keeps_the_whole_from_being_proven(postgres: PostgresHost) -> None:
    sql = "ALTER TABLE t ADD CHECK (n > 0), ALTER COLUMN n TYPE bigint;"
    fix = await proven(postgres, TABLES + sql, (await judged(postgres, sql, "check-validates-now"))[0])
    assert not fix.proven
    assert "scans or rewrites while others wait" in fix.proof


async def test_a_fix_of_what_fails_need_only_run(postgres: PostgresHost) -> None:
    sql = "ALTER TABLE t ADD COLUMN k int NOT NULL;"
    fix = await proven(postgres, TABLES + sql, (await judged(postgres, sql, "required-column-no-default"))[0])
    assert fix.proven
    assert "where the original fails (23502" in fix.proof


async def test_before_18_a_check_proves_not_null(postgres: PostgresHost) -> None:
    from dataclasses import replace

    sql = "ALTER TABLE t ALTER n SET NOT NULL;"
    item = (await judged(postgres, sql, "set-not-null-scans-table"))[0]
    context = replace(item.context, version=17)
    remedy = item.judgement.rule.remedy
    assert remedy is not None
    older = remedy(item.judgement.hit, context)
    assert older is not None
    assert [step.sql.split("t ", 1)[1].split(" ")[0] for step in older.steps] == ["ADD", "VALIDATE", "ALTER", "DROP"]
    fix = await proven(postgres, TABLES + sql, item, older)
    assert fix.proven, fix.proof


def test_the_steps_of_a_fix_leave_the_transaction_they_stand_in() -> None:
    statements = read("SET a.b = 1; BEGIN; SET LOCAL search_path = app; SAVEPOINT s; SELECT 1;").statements
    assert [item.sql for item in outside_transaction(statements)] == [
        "SET a.b = 1",
        "SET search_path TO app",
        "SELECT 1",
    ]


def test_a_transaction_that_is_closed_stays_as_it_is() -> None:
    statements = read("BEGIN; SELECT 1; ROLLBACK; SELECT 2").statements
    assert outside_transaction(statements) == list(statements)
