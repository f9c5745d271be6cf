"""Tables whose checks refuse most values: rows are made that pass them, so that rewrites can be told apart."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from backend.engines.catalog import read_schema
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost
from backend.rewriting import databases as databases_module
from backend.rewriting.checks import checks_of, condition_of, spoken_of
from backend.rewriting.databases import insert_what_fits, pools_of
from backend.rewriting.domains import without_domains
from backend.rewriting.equality import compare
from backend.rewriting.fitting import Fitting, fittings
from backend.rewriting.prove import proven_rewrites
from knowledge.query_rewrites import query_rewrites
from knowledge.query_rewrites.rewrite import Rewrite
from knowledge.schema import Column, Constraint, Relation, Schema
from knowledge.statistics import DatabaseStatistics, RelationStatistics

RECORDS = {record.id: record for record in query_rewrites()}

TABLES = """
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE DOMAIN positive AS int CHECK (VALUE > 500);
CREATE DOMAIN small_positive AS positive NOT NULL CHECK (VALUE < 503);
CREATE DOMAIN code AS varchar(8) CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE TABLE people (
  id int PRIMARY KEY CHECK (id BETWEEN 1000 AND 1005),
  role text NOT NULL CHECK (role IN ('admin', 'clerk')),
  state varchar(10) NOT NULL CHECK (state IN ('open', 'done', 'lost')),
  name text NOT NULL CHECK (length(name) >= 5));
CREATE TABLE tasks (
  id int PRIMARY KEY,
  person int CHECK (person >= 1000),
  owner int NOT NULL CHECK (owner BETWEEN 1001 AND 1003),
  status text NOT NULL CHECK (status = ANY (ARRAY['open', 'done'])),
  hue colour NOT NULL CHECK (hue <> 'red'),
  price numeric(8, 2) NOT NULL CHECK (price > 100.50 AND price < 102),
  since date NOT NULL CHECK (since >= '2031-05-01'),
  until date NOT NULL,
  low int NOT NULL, high int NOT NULL,
  kind text NOT NULL, vat text,
  CHECK (since < until), CHECK (low < high), CHECK (high - low >= 20),
  CONSTRAINT vat_of_firms CHECK ((kind = 'firm' AND vat IS NOT NULL) OR (kind = 'person' AND vat IS NULL)));
CREATE TABLE measured (
  id int PRIMARY KEY, size small_positive, other positive, code code NOT NULL);
CREATE TABLE old (id int PRIMARY KEY, x int, doubled int GENERATED ALWAYS AS (x * 2) STORED CHECK (doubled > 2),
  short numeric(3, 2) NOT NULL);
ALTER TABLE old ADD CONSTRAINT later CHECK (x > 7) NOT VALID;
ALTER TABLE old ADD CONSTRAINT fails CHECK (100 / x > -1000);
ALTER TABLE old ADD CONSTRAINT here CHECK (x < 40) NO INHERIT;
"""

PROVEN = {
    "SELECT id FROM people WHERE id NOT IN (SELECT owner FROM tasks)": "not_in_to_not_exists",
    "SELECT id FROM people WHERE role = 'clerk' AND id NOT IN (SELECT owner FROM tasks WHERE kind = 'firm')": (
        "not_in_to_not_exists"
    ),
    "SELECT id FROM people WHERE state NOT IN (SELECT status FROM tasks)": "not_in_to_not_exists",
    "SELECT id FROM tasks WHERE price = 101 OR low = 2": "or_to_union",
    "SELECT id FROM tasks WHERE date_trunc('month', since) = '2031-05-01'": "function_on_column_to_range",
    "SELECT p.id FROM people p WHERE (SELECT count(*) FROM tasks t WHERE t.owner = p.id) > 0": "count_to_exists",
    "SELECT p.id, (SELECT max(t.high) FROM tasks t WHERE t.owner = p.id) FROM people p": (
        "correlated_subquery_to_join"
    ),
    "SELECT DISTINCT id, name FROM people": "distinct_made_useless_by_key",
    "SELECT id FROM tasks ORDER BY low LIMIT 5 OFFSET 10": "offset_to_keyset",
    "SELECT id FROM measured WHERE size NOT IN (SELECT size FROM measured WHERE other > 501)": "",
}

WRONG = (
    (
        "SELECT id FROM people WHERE id NOT IN (SELECT person FROM tasks)",
        "SELECT id FROM people WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.person = people.id)",
    ),
    (
        "SELECT status FROM tasks WHERE status = 'open' OR low = 2",
        "SELECT status FROM tasks WHERE status = 'open' UNION SELECT status FROM tasks WHERE low = 2",
    ),
    (
        "SELECT id FROM tasks WHERE date_trunc('month', since) = '2031-05-01'",
        "SELECT id FROM tasks WHERE since >= '2031-05-01' AND since <= '2031-06-01'",
    ),
    ("SELECT DISTINCT role FROM people", "SELECT role FROM people"),
    ("SELECT id FROM tasks WHERE vat <> 'x'", "SELECT id FROM tasks WHERE kind = 'firm'"),
    ("SELECT id FROM tasks WHERE high >= 22", "SELECT id FROM tasks WHERE high > 22"),
    ("SELECT id FROM tasks WHERE status = 'done'", "SELECT id FROM tasks WHERE status <> 'open' AND hue = 'blue'"),
    ("SELECT id FROM measured WHERE other > 501", "SELECT id FROM measured WHERE other > 501 AND size > 501"),
    ("SELECT id FROM measured WHERE code = 'ABC'", "SELECT id FROM measured WHERE code >= 'ABC'"),
    ("SELECT id FROM old WHERE x < 8", "SELECT id FROM old WHERE x < 7"),
)


@pytest.fixture(scope="module")
async def ground(postgres: PostgresHost) -> AsyncIterator[tuple[asyncpg.Connection, Schema]]:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(TABLES)
        yield connection, await without_domains(connection, await read_schema(connection))
        await connection.close()


def proposed(sql: str, record: str, schema: Schema) -> Rewrite:
    if not record:
        return Rewrite(sql, "")
    (found,) = RECORDS[record].propose(sql, schema)
    return found


@pytest.mark.parametrize("sql", PROVEN)
async def test_a_rewrite_is_proven_on_tables_whose_checks_refuse_most_values(
    ground: tuple[asyncpg.Connection, Schema], sql: str
) -> None:
    connection, schema = ground
    rewrite = proposed(sql, PROVEN[sql], schema)
    equality = await compare(connection, schema, sql, rewrite)
    assert (equality.equal, equality.counterexample, equality.reason) == (True, "", "")
    assert equality.databases > 40
    assert equality.with_rows >= 20


@pytest.mark.parametrize("sql", [sql for sql in PROVEN if "'" not in sql and "10" not in sql])
async def test_without_the_values_of_the_checks_nothing_is_proven(
    ground: tuple[asyncpg.Connection, Schema], sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, schema = ground
    monkeypatch.setattr(databases_module, "spoken_of", lambda table: {})
    equality = await compare(connection, schema, sql, proposed(sql, PROVEN[sql], schema))
    assert (equality.equal, equality.counterexample) == (False, "")
    assert equality.reason.startswith("the query found rows in 0 of ")


@pytest.mark.parametrize(("sql", "wrong"), WRONG)
async def test_a_wrong_rewrite_is_refuted_by_rows_that_pass_the_checks(
    ground: tuple[asyncpg.Connection, Schema], sql: str, wrong: str
) -> None:
    connection, schema = ground
    equality = await compare(connection, schema, sql, Rewrite(wrong, ""))
    assert not equality.equal
    assert "the query gives" in equality.counterexample, equality.reason
    assert equality.counterexample.count("(") <= 10


async def test_a_check_that_was_never_validated_or_is_not_enforced_binds_no_row(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    old = ground[1].by_name["public.old"]
    assert "later" in {check.name for check in old.constraints_of("check")}
    conditions = [check.condition for check in checks_of(old)]
    assert conditions == ["doubled > 2", "(100 / x) > '-1000'::int", "x < 40"]
    assert {"7", "40", "100", "-1000"} <= set(spoken_of(old)["x"])


async def test_a_row_that_anything_refuses_leaves_the_others_in(ground: tuple[asyncpg.Connection, Schema]) -> None:
    connection, schema = ground
    async with connection.transaction():
        rows = [("1", "8", "2"), ("2", "0", "1"), ("3", "1", "1"), ("4", "9", "12.5"), ("1", "9", "1"), ("5", "9", "1")]
        await connection.execute(insert_what_fits(schema.by_name["public.old"], rows))
        left = await connection.fetch("SELECT id FROM old ORDER BY id")
        await connection.execute("DELETE FROM old")
    assert [row[0] for row in left] == [1, 5]


@pytest.mark.parametrize("name", ["people", "tasks", "measured"])
async def test_what_fits_passes_the_checks_it_was_tried_with(
    ground: tuple[asyncpg.Connection, Schema], name: str
) -> None:
    connection, schema = ground
    table = schema.by_name[f"public.{name}"]
    async with connection.transaction():
        found = await fittings(connection, table, pools_of([table], schema, "SELECT 1"))
    bound = [column for fit in found for column in fit.columns]
    assert set(bound) == {column for check in checks_of(table) for column in check.columns}
    assert len(bound) == len(set(bound))
    by_first = {fit.columns[0]: fit for fit in found}
    assert all(fit.rows for fit in found)
    if name == "tasks":
        assert by_first["status"].rows == (("open",), ("done",))
        assert by_first["hue"].rows == (("green",), ("blue",))
        assert all(int(high or 0) - int(low or 0) >= 20 for low, high in by_first["low"].rows)
        assert {(kind, vat is None) for kind, vat in by_first["kind"].rows} == {("firm", False), ("person", True)}


def test_rows_are_null_only_where_the_checks_let_them() -> None:
    fit = Fitting(("a", "b"), (("1", "2"), ("2", None), ("3", "4")))
    draw = random.Random(1)
    assert {fit.drawn((0.0, 1.0), 9, draw) for _ in range(20)} == {("2", None)}
    assert {fit.drawn((0.0, 0.0), 9, draw) for _ in range(20)} == {("1", "2"), ("3", "4")}
    assert {fit.drawn((0.0, 0.0), 1, draw) for _ in range(20)} == {("1", "2")}
    assert fit.drawn((1.0, 1.0), 9, draw) in fit.rows
    assert Fitting(("a",), ()).drawn((0.0,), 9, draw) == (None,)


async def test_a_check_that_takes_too_long_is_left_to_the_rows(postgres: PostgresHost) -> None:
    async with postgres.scratch() as database:
        connection = await database.connect()
        table = Relation(
            "public",
            "t",
            (Column("x", "integer", nullable=False),),
            (Constraint("slow", "check", ("x",), "CHECK ((x + length(pg_sleep(9)::text) > 7))"),),
        )
        async with connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = '20ms'")
            pools = {("public.t", "x"): ("1", "8")}
            (fit,) = await fittings(connection, table, pools)
        assert fit.rows == (("1",), ("8",))
        await connection.close()


@pytest.mark.parametrize(
    ("definition", "condition"),
    [
        ("CHECK ((a < b)) NOT VALID", "a < b"),
        ("CHECK ((a < b)) NO INHERIT", "a < b"),
        ("CHECK ((a < b)) NOT ENFORCED", "a < b"),
        ("CHECK (", ""),
    ],
)
def test_the_condition_of_a_check_is_read_without_what_follows_it(definition: str, condition: str) -> None:
    assert condition_of(definition) == condition
    assert condition_of("CHECK ((VALUE > 0))", "Size") == '"Size" > 0'


async def test_a_domain_is_its_type_with_the_checks_of_every_domain_below_it(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    measured = ground[1].by_name["public.measured"]
    assert [(column.type, column.nullable) for column in measured.columns] == [
        ("integer", False),
        ("integer", False),
        ("integer", True),
        ("character varying(8)", False),
    ]
    assert [check.condition for check in checks_of(measured)] == [
        "size > 500",
        "size::int < 503",
        "other > 500",
        "code::text ~ '^[A-Z]{3}$'::text",
    ]


async def test_a_partition_keeps_what_it_has_from_its_parent_and_is_filled_with_what_fits(
    postgres: PostgresHost,
) -> None:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(
            "CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1), (2), (3);"
            "CREATE TABLE whole (k int NOT NULL CHECK (k < 9), p int NOT NULL REFERENCES parent) PARTITION BY LIST (k);"
            "CREATE TABLE part PARTITION OF whole FOR VALUES IN (1, 2);"
            "CREATE TABLE other (k int NOT NULL)"
        )
        schema = await read_schema(connection)
        for table in ("part", "whole"):
            sql = f"SELECT k, p FROM {table} WHERE k NOT IN (SELECT k FROM other)"
            (found,) = RECORDS["not_in_to_not_exists"].propose(sql, schema)
            equality = await compare(connection, schema, sql, found)
            assert (equality.equal, equality.reason, equality.counterexample) == (True, "", "")
        assert await read_schema(connection) == schema
        await connection.close()


async def test_a_rewrite_on_checked_tables_reaches_the_user(postgres: PostgresHost) -> None:
    sizes = tuple(RelationStatistics("public", name, "r", 9_000, 9e6, 9_000) for name in ("people", "measured"))
    sql = "SELECT code FROM measured WHERE other > 501 AND id NOT IN (SELECT id FROM people)"
    async with open_lab(postgres, TABLES, DatabaseStatistics(relations=sizes)) as lab:
        (found,) = await proven_rewrites(postgres, lab, sql, TABLES, lab.schema)
    assert found.id == "not_in_to_not_exists"
    assert found.with_rows > 40
    assert found.engines == ("PostgreSQL", "SQLite")


async def test_columns_with_a_check_each_and_of_every_kind_are_filled(postgres: PostgresHost) -> None:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(
            "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " slug text NOT NULL CHECK (slug ~ '^[a-z0-9-]{2,32}$'), email text NOT NULL CHECK (email LIKE '%@%.%'),"
            " a date NOT NULL, b date NOT NULL CHECK (b > a), c date NOT NULL CHECK (c > b),"
            " n int NOT NULL CHECK (n > 0),"
            " price numeric(5, 2) NOT NULL CHECK (price >= 0), total numeric NOT NULL CHECK (total = n * price),"
            " tags text[] NOT NULL CHECK (array_length(tags, 1) > 0),"
            " doc jsonb NOT NULL CHECK (jsonb_typeof(doc) = 'array'),"
            " hash bytea NOT NULL CHECK (length(hash) = 32),"
            " open time NOT NULL, shut time NOT NULL CHECK (shut > open),"
            " odd int NOT NULL CHECK (odd % 7 = 3), span interval NOT NULL CHECK (span > '0'),"
            " v int, w int, CHECK (num_nonnulls(v, w) = 1), born date CHECK (born < current_date) NOT NULL)"
        )
        schema = await read_schema(connection)
        sql = "SELECT id FROM t WHERE v IS NULL"
        equality = await compare(connection, schema, sql, Rewrite("SELECT id FROM t WHERE w IS NOT NULL", ""))
        assert (equality.equal, equality.reason, equality.counterexample) == (True, "", "")
        assert equality.with_rows > 40
        equality = await compare(connection, schema, sql, Rewrite("SELECT id FROM t WHERE w > 1", ""))
        assert "the query gives" in equality.counterexample
        await connection.close()
