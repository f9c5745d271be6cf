"""Generated rows: of every type, within the constraints, and never with more rights than the project's own code."""

from __future__ import annotations

import asyncpg
import pytest

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import Scratch
from backend.rehearsal.seed import Seeding, remove, seed

TYPES = (
    """
smallint|integer|bigint|numeric(10,2)|real|double precision|boolean|text|varchar(3)|char(2)|uuid|date|timestamp
timestamptz|time|timetz|interval|json|jsonb|bytea|inet|cidr|macaddr|tsvector|point|money|bit|bit(4)|varbit
int4range|tstzrange|daterange|integer[]|text[]|oid
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


async def seeded(scratch: Scratch, sql: str, rows: int = 3) -> tuple[asyncpg.Connection, Seeding]:
    connection = await scratch.connect()
    await connection.execute(sql)
    seeding = Seeding()
    await seed(connection, await read_schema(connection), seeding, rows)
    return connection, seeding


async def test_every_type_gets_a_value(scratch: Scratch) -> None:
    columns = ", ".join(f"c{number} {kind} NOT NULL" for number, kind in enumerate(TYPES))
    connection, seeding = await seeded(scratch, f"CREATE TABLE t ({columns})")
    assert not seeding.refused, seeding.refused
    assert await connection.fetchval("SELECT count(*) FROM t") == 3
    await connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE)",
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "CREATE TABLE t (id int PRIMARY KEY, double int GENERATED ALWAYS AS (id * 2) STORED)",
        "CREATE TABLE t (state text NOT NULL CHECK (state IN ('open', 'it''s done')))",
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (mood mood NOT NULL)",
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));"
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, FOREIGN KEY (a, b) REFERENCES p)",
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t)",
        "CREATE TABLE t (flag boolean NOT NULL UNIQUE)",
        'CREATE TABLE "Odd Table" ("a.b" int, "select" text); ALTER TABLE "Odd Table" RENAME TO t',
        "CREATE TABLE t (at timestamptz NOT NULL) PARTITION BY RANGE (at);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ],
)
async def test_rows_honour_the_constraints_of_the_table(scratch: Scratch, sql: str) -> None:
    connection, seeding = await seeded(scratch, sql)
    assert not seeding.refused, seeding.refused
    assert await connection.fetchval("SELECT count(*) FROM t") >= 1
    await connection.close()


async def test_a_table_whose_checks_refuse_the_rows_stays_empty_and_is_named(scratch: Scratch) -> None:
    connection, seeding = await seeded(scratch, "CREATE TABLE t (n int NOT NULL CHECK (n > 1000))")
    assert "public.t" in seeding.refused
    assert await connection.fetchval("SELECT count(*) FROM t") == 0
    await connection.close()


async def test_serial_keys_go_on_behind_the_generated_rows(scratch: Scratch) -> None:
    connection, _ = await seeded(scratch, "CREATE TABLE t (id bigserial PRIMARY KEY, n text)")
    assert await connection.fetchval("INSERT INTO t (n) VALUES ('x') RETURNING id") == 4
    await connection.close()


async def test_triggers_of_the_project_do_not_run_and_are_left_as_they_were(scratch: Scratch) -> None:
    connection, seeding = await seeded(
        scratch,
        "CREATE TABLE t (id int PRIMARY KEY);"
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no rows here'; END $$;"
        "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no();"
        "CREATE TRIGGER b BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION no();"
        "ALTER TABLE t DISABLE TRIGGER b;",
    )
    assert not seeding.refused, seeding.refused
    states = await connection.fetch("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
    assert [(row[0], row[1]) for row in states] == [("a", b"O"), ("b", b"D")]
    with pytest.raises(asyncpg.RaiseError, match="no rows here"):
        await connection.execute("INSERT INTO t VALUES (99)")
    await connection.close()


async def test_code_of_the_project_runs_without_the_rights_of_the_administrator(scratch: Scratch) -> None:
    spy = (
        "CREATE FUNCTION who() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';"
        "CREATE TABLE t (id int PRIMARY KEY, CHECK (who() IS NOT NULL));"
        "CREATE TABLE seen (id int PRIMARY KEY, name text GENERATED ALWAYS AS ('x') STORED)"
    )
    connection, seeding = await seeded(scratch, spy)
    assert "public.t" in seeding.filled
    assert await connection.fetchval("SELECT who()") == scratch.guest
    assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    await connection.close()


async def test_a_new_column_of_generated_rows_gets_values_and_rows_of_the_project_are_left_alone(
    scratch: Scratch,
) -> None:
    connection, seeding = await seeded(
        scratch, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE own (id int); INSERT INTO own VALUES (7)"
    )
    await connection.execute("ALTER TABLE t ADD COLUMN nick text; ALTER TABLE own ADD COLUMN nick text")
    await seed(connection, await read_schema(connection), seeding, 3)
    assert await connection.fetchval("SELECT count(nick) FROM t") == 3
    assert await connection.fetchval("SELECT count(nick) FROM own") == 0
    await remove(connection, await read_schema(connection), seeding)
    assert await connection.fetchval("SELECT count(*) FROM t") == 0
    assert await connection.fetchval("SELECT count(*) FROM own") == 1
    await connection.close()


async def test_a_default_that_sleeps_costs_its_own_table_only(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.rehearsal.seed.SECONDS", 0.2)
    connection, seeding = await seeded(
        scratch,
        "CREATE FUNCTION slow(int) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(30); RETURN true; END $$;"
        "CREATE TABLE a (id int CHECK (slow(id))); CREATE TABLE b (id int)",
    )
    assert set(seeding.refused) == {"public.a"}
    assert set(seeding.filled) == {"public.b"}
    await connection.close()
