"""Rewrites run against the query they replace, on generated databases; wrong ones are found out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wrong_rewrites import NOT_PROPOSED, PROPOSED, TABLES, WRONG, Wrong

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost
from backend.rewriting.databases import databases, filled_columns
from backend.rewriting.equality import compare
from backend.rewriting.sqlite_equality import agrees_on_sqlite
from knowledge.query_rewrites import query_rewrites
from knowledge.query_rewrites.rewrite import Paging, QueryRewrite, Rewrite
from knowledge.schema import Column, Relation, Schema

RECORDS = {record.id: record for record in query_rewrites()}


@pytest.fixture(scope="module")
async def ground(postgres: PostgresHost) -> AsyncIterator[tuple[asyncpg.Connection, Schema]]:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(TABLES)
        yield connection, await read_schema(connection)
        await connection.close()


@pytest.mark.parametrize("record", query_rewrites(), ids=lambda record: record.id)
async def test_the_example_of_a_rewrite_is_what_it_proposes_and_gives_the_same_rows(
    postgres: PostgresHost, record: QueryRewrite
) -> None:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(record.tables)
        schema = await read_schema(connection)
        (found,) = record.propose(record.before, schema)
        assert found.sql == record.after
        equality = await compare(connection, schema, record.before, found)
        assert (equality.equal, equality.counterexample, equality.reason) == (True, "", "")
        assert equality.with_rows >= 4
        await connection.close()


@pytest.mark.parametrize("sql", PROPOSED)
async def test_what_is_proposed_gives_the_same_rows(ground: tuple[asyncpg.Connection, Schema], sql: str) -> None:
    connection, schema = ground
    found = [rewrite for record in RECORDS.values() for rewrite in record.propose(sql, schema)]
    assert found
    for rewrite in found:
        equality = await compare(connection, schema, sql, rewrite, count=300, seed=7)
        assert (equality.equal, equality.counterexample, equality.reason) == (True, "", ""), rewrite.sql


@pytest.mark.parametrize("sql", NOT_PROPOSED)
async def test_nothing_is_proposed_where_a_condition_is_missing(
    ground: tuple[asyncpg.Connection, Schema], sql: str
) -> None:
    assert [rewrite.sql for record in RECORDS.values() for rewrite in record.propose(sql, ground[1])] == []


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.of}: {wrong.condition}")
async def test_a_rewrite_without_its_condition_is_refuted_by_rows(
    ground: tuple[asyncpg.Connection, Schema], wrong: Wrong
) -> None:
    connection, schema = ground
    equality = await compare(connection, schema, wrong.query, Rewrite(wrong.rewrite, ""))
    assert not equality.equal
    assert "the query gives" in equality.counterexample, equality.reason
    assert equality.counterexample.count("(") <= 10  # a few rows at most


def test_every_rewrite_that_keeps_its_results_has_a_wrong_twin() -> None:
    assert {wrong.of for wrong in WRONG} == set(RECORDS) - {"offset_to_keyset"}


async def test_the_smallest_rows_that_differ_are_shown(ground: tuple[asyncpg.Connection, Schema]) -> None:
    connection, schema = ground
    wrong = WRONG[0]
    equality = await compare(connection, schema, wrong.query, Rewrite(wrong.rewrite, ""))
    lines = equality.counterexample.splitlines()
    assert lines[0].startswith("public.a(id, x, y, code, at, made, u): (")
    assert lines[1].startswith("public.b(id, a, x, z): (")
    assert "NULL" in lines[1]
    assert lines[0].count("), (") == lines[1].count("), (") == 0
    assert lines[2].startswith("the query gives nothing, the rewrite (")


async def test_pages_that_start_after_a_key_with_ties_are_refuted(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    connection, schema = ground
    (found,) = RECORDS["offset_to_keyset"].propose("SELECT id FROM a ORDER BY made LIMIT 5 OFFSET 10", schema)
    assert found.paging is not None
    skipping = Paging(
        found.paging.page,
        "SELECT made FROM a ORDER BY made, id LIMIT 1 OFFSET 1",
        "SELECT id FROM a WHERE made > $1 ORDER BY made, id LIMIT 2",
        "",
    )
    equality = await compare(connection, schema, found.sql, Rewrite(found.sql, "", paging=skipping), count=200)
    assert "the query gives" in equality.counterexample


async def test_an_index_is_named_for_pages_only_where_none_gives_their_order(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    propose = RECORDS["offset_to_keyset"].propose
    (by_date,) = propose("SELECT id FROM a ORDER BY made DESC LIMIT 5 OFFSET 10", ground[1])
    (by_key,) = propose("SELECT id FROM a ORDER BY id LIMIT 5 OFFSET 10", ground[1])
    assert by_date.needs_index == "CREATE INDEX ON public.a (made DESC, id DESC)"
    assert by_key.needs_index == ""


REASONS = {
    "SELECT id FROM a WHERE y > 0 LIMIT 3": "it takes some of the rows, but its ORDER BY leaves open which",
    "SELECT id, random() FROM a": "it calls a volatile function, whose answers differ from call to call",
    "SELECT id FROM nowhere": "it is not one SELECT over known tables",
    "SELECT relname FROM pg_class, a": "it reads something else than tables of the schema",
    "SELECT id FROM a WHERE y = 1 AND y = 2": "the query found rows in 0 of 300 databases only",
}


@pytest.mark.parametrize("sql", REASONS)
async def test_what_a_comparison_cannot_show_is_not_taken_for_equal(
    ground: tuple[asyncpg.Connection, Schema], sql: str
) -> None:
    connection, schema = ground
    equality = await compare(connection, schema, sql, Rewrite(sql, ""))
    assert (equality.equal, equality.reason) == (False, REASONS[sql])


@pytest.mark.parametrize(
    ("sql", "other", "reason"),
    [
        ("SELECT id FROM a", "SELECT id AS other FROM a", "its columns have other names or types"),
        ("SELECT id FROM a", "SELECT id::bigint FROM a", "its columns have other names or types"),
        ("SELECT id FROM a ORDER BY id", "SELECT id FROM a", "the order is not the same"),
        ("SELECT id FROM a", "SELECT id FROM a WHERE nope(id)", "PostgreSQL refuses it: function nope(integer)"),
    ],
)
async def test_names_types_and_order_belong_to_the_result(
    ground: tuple[asyncpg.Connection, Schema], sql: str, other: str, reason: str
) -> None:
    connection, schema = ground
    equality = await compare(connection, schema, sql, Rewrite(other, ""))
    assert not equality.equal
    assert equality.reason.startswith(reason)


async def test_a_comparison_that_takes_too_long_proves_nothing(ground: tuple[asyncpg.Connection, Schema]) -> None:
    connection, schema = ground
    ticks = iter(range(10_000))
    sql = "SELECT id FROM a"
    equality = await compare(connection, schema, sql, Rewrite(sql, ""), clock=lambda: next(ticks) / 2)
    assert (equality.equal, equality.reason) == (False, "only 4 databases could be compared in 2 s")


CONDITIONS = st.sampled_from(
    [
        *("a.y NOT IN (SELECT z FROM b WHERE b.x > 0)", "a.x NOT IN (SELECT z FROM b)", "(a.x = 1 OR a.y = 2)"),
        *("a.y NOT IN (SELECT x FROM b)", "(a.x IS NULL OR a.y < 2 OR a.code = 'a')", "a.y::text <> '2'"),
        *("a.at::date = '2026-02-28'", "extract(year FROM a.made) < 2026", "a.x = 2.0", "a.x > 1", "NOT (a.y = 1)"),
        *("(SELECT count(*) FROM b WHERE b.a = a.id) > 0", "(SELECT count(*) FROM b WHERE b.x = a.x) = 0"),
        *("a.x IS NOT NULL", "EXISTS (SELECT 1 FROM b WHERE b.a = a.id)", "date_trunc('month', a.at) <= '2026-02-01'"),
    ]
)
LISTS = st.sampled_from(
    [
        *("a.id", "a.x, a.y", "*", "a.x AS id", "DISTINCT a.id, a.x", "DISTINCT a.x", "DISTINCT a.u", "count(*)"),
        *("a.id, (SELECT count(*) FROM b WHERE b.a = a.x AND b.z > 0)", "a.x, (SELECT max(x) FROM b WHERE a.x = b.x)"),
    ]
)
ORDERS = st.sampled_from(
    [
        *("", " ORDER BY a.id", " ORDER BY made DESC LIMIT 3 OFFSET 5", " LIMIT 1"),
        " ORDER BY a.y, a.id DESC LIMIT 2 OFFSET 9",
    ]
)


@given(LISTS, st.lists(CONDITIONS, max_size=3, unique=True), ORDERS, st.integers(0, 9999))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_proposal_is_ever_refuted(
    ground: tuple[asyncpg.Connection, Schema], listed: str, conditions: list[str], order: str, seed: int
) -> None:
    connection, schema = ground
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT {listed} FROM a{where}{order}"
    try:
        await connection.prepare(sql)
    except asyncpg.PostgresError:
        return  # the order and the list do not go together
    for record in RECORDS.values():
        for rewrite in record.propose(sql, schema):
            equality = await compare(connection, schema, sql, rewrite, seed=seed, count=40)
            assert equality.counterexample == "", (record.id, rewrite.sql)
            assert not equality.reason.startswith("PostgreSQL refuses"), (record.id, rewrite.sql)


async def test_a_rewrite_that_fails_where_the_query_does_not_is_refuted(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    connection, schema = ground
    equality = await compare(
        connection, schema, "SELECT id FROM a WHERE y > 0", Rewrite("SELECT id FROM a WHERE 1 / y > -9", "")
    )
    assert not equality.equal
    assert equality.counterexample


async def test_nothing_stays_behind_and_keys_and_triggers_do_not_stand_in_the_way(postgres: PostgresHost) -> None:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(
            "CREATE TYPE mood AS ENUM ('good', 'bad');"
            "CREATE TABLE p (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood NOT NULL,"
            " twice bigint GENERATED ALWAYS AS (id * 2) STORED);"
            "CREATE TABLE c (id int PRIMARY KEY, p bigint NOT NULL REFERENCES p, n int NOT NULL CHECK (n > 0));"
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';"
            "CREATE TRIGGER no BEFORE INSERT ON c FOR EACH ROW EXECUTE FUNCTION no();"
        )
        schema = await read_schema(connection)
        sql = "SELECT p.id, m FROM p WHERE p.id NOT IN (SELECT c.p FROM c WHERE c.n = 2) AND p.m = 'good'"
        (found,) = RECORDS["not_in_to_not_exists"].propose(sql, schema)
        assert (await compare(connection, schema, sql, found)).equal
        assert await connection.fetchval("SELECT count(*) FROM c") == 0
        assert await read_schema(connection) == schema
        await connection.close()


def test_the_same_databases_come_again_and_hold_what_is_needed_to_tell_queries_apart() -> None:
    table = Relation("public", "t", (Column("x", "integer"), Column("s", "text", nullable=False)))
    schema = Schema((table,))
    made = [list(databases([table], schema, "SELECT x FROM t WHERE x > 41", 60, 3)) for _ in range(2)]
    assert made[0] == made[1]
    rows = [row for database in made[0] for row in database["public.t"]]
    assert made[0][0] == {"public.t": []}
    assert {"40", "41", "42", None} <= {row[0] for row in rows}
    assert None not in {row[1] for row in rows}
    assert any(len(set(database["public.t"])) < len(database["public.t"]) for database in made[0])
    assert [column.name for column in filled_columns(table)] == ["x", "s"]


async def test_sqlite_agrees_where_it_reads_both_and_says_so_where_it_does_not(
    ground: tuple[asyncpg.Connection, Schema],
) -> None:
    schema = ground[1]
    sql = "SELECT id FROM a WHERE y NOT IN (SELECT z FROM b)"
    (found,) = RECORDS["not_in_to_not_exists"].propose(sql, schema)
    assert await agrees_on_sqlite(schema, sql, found) is True
    assert await agrees_on_sqlite(schema, WRONG[0].query, Rewrite(WRONG[0].rewrite, "")) is False
    assert await agrees_on_sqlite(schema, "SELECT id::text FROM a", Rewrite("SELECT id FROM a", "")) is None
