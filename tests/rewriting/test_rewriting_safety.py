"""What may be executed on somebody's database, tried against a real one full of traps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from attack_help import ATTACKS, HONEST, TRAPS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.engines import function_facts
from backend.engines.function_facts import execution_facts
from backend.engines.postgres.host import PostgresHost
from knowledge.query import harmless, reach, safety
from knowledge.query.facts import Facts
from knowledge.query.names import names_of
from knowledge.query.safety import functions_of, relations_of, verdict

REFUSED_THOUGH_HONEST = "SELECT 1 ===! 'x'::text WHERE false"
STATE = """
SELECT pg_catalog.json_build_object(
  'canary', (SELECT pg_catalog.json_agg(c ORDER BY id) FROM public.canary c),
  'counter', (SELECT last_value || is_called::text FROM public.counter),
  'tables', (SELECT count(*) FROM pg_catalog.pg_class),
  'objects', (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata),
  'locks', (SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'),
  'memory', pg_catalog.current_setting('work_mem'))::text
"""


@pytest.fixture(scope="module")
async def trapped(postgres: PostgresHost) -> AsyncIterator[asyncpg.Connection]:
    async with postgres.scratch() as database:
        connection = await database.connect()
        await connection.execute(TRAPS)
        yield connection
        await connection.close()


async def judged(connection: asyncpg.Connection, sql: str) -> safety.Verdict:
    return verdict(sql, await execution_facts(connection, sql))


async def effect(connection: asyncpg.Connection, sql: str) -> str:
    """What executing ``sql`` changes, by a canary that is looked at before and after."""
    before = await connection.fetchval(STATE)
    outer = connection.transaction()
    await outer.start()
    try:
        inside = connection.transaction(readonly=True)
        await inside.start()
        try:
            await connection.execute("SET LOCAL statement_timeout = '1 s'")
            await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.rstrip('; ')}")
        except asyncpg.PostgresError as error:
            if isinstance(error, asyncpg.ReadOnlySQLTransactionError | asyncpg.QueryCanceledError):
                return f"it tried: {error}"
        finally:
            await inside.rollback()
        after = await connection.fetchval(STATE)
    finally:
        await outer.rollback()
    return "" if before == after else f"{before} became {after}"


@pytest.mark.parametrize("sql", [sql for sql in HONEST if sql != REFUSED_THOUGH_HONEST])
async def test_a_query_that_only_reads_may_be_executed_and_changes_nothing(
    trapped: asyncpg.Connection, sql: str
) -> None:
    assert (await judged(trapped, sql)).reason == ""
    assert await effect(trapped, sql) == ""


async def test_no_attack_is_let_through(trapped: asyncpg.Connection) -> None:
    assert len(ATTACKS) > 110
    passed = {sql for sql in ATTACKS if (await judged(trapped, sql)).may_execute}
    assert passed == set()


async def test_an_operator_whose_negator_acts_is_refused_because_the_planner_may_call_that(
    trapped: asyncpg.Connection,
) -> None:
    assert "op_twin is VOLATILE" in (await judged(trapped, REFUSED_THOUGH_HONEST)).reason


async def test_the_reason_and_its_place_in_the_query_are_said(trapped: asyncpg.Connection) -> None:
    nested = await judged(trapped, "SELECT id,\n  'ä', nested_1(id) FROM canary")
    assert nested.reason == (
        "function public.nested_1 leads to: function public.nested_2 leads to: function public.nested_3 leads to: "
        "function public.lying_lock leads to: function pg_advisory_lock acts, waits, reads files or runs a query "
        "given as text"
    )
    assert (nested.location.line, nested.location.column) == (2, 8)
    second = await judged(trapped, "SELECT 1;\nDROP TABLE canary")
    assert (second.reason, second.location.line) == ("it holds 2 statements, not one", 2)


async def test_a_plain_query_costs_one_round_trip_for_its_facts(trapped: asyncpg.Connection) -> None:
    asked: list[str] = []

    class Counting:
        async def fetchval(self, sql: str, *values: object) -> object:
            asked.append(sql)
            return await trapped.fetchval(sql, *values)

    await execution_facts(Counting(), "SELECT count(*) FROM canary WHERE id = 1")
    assert len(asked) == 1


async def test_backslashes_are_refused_where_the_server_gives_them_a_meaning(trapped: asyncpg.Connection) -> None:
    one_string = r"SELECT '\'' , kill(), '"
    assert (await judged(trapped, one_string)).may_execute
    async with trapped.transaction():
        await trapped.execute("SET LOCAL standard_conforming_strings = off")
        assert not (await judged(trapped, one_string)).may_execute
        assert (await judged(trapped, "SELECT 'plain'")).may_execute


async def test_what_only_an_administrator_can_make_is_refused_as_well(postgres: PostgresHost) -> None:
    async with postgres.scratch() as database:
        admin = await database.connect(admin=True)
        await admin.execute(
            "CREATE TABLE t (id int) PARTITION BY LIST (id);"
            "CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;"
            "CREATE FOREIGN TABLE t_far PARTITION OF t FOR VALUES IN (1) SERVER far;"
            "CREATE VIEW v AS SELECT count(*) FROM t;"
            "CREATE FUNCTION nap(float8) RETURNS void LANGUAGE internal STABLE AS 'pg_sleep';"
            "CREATE TYPE span AS RANGE (subtype = int);"
        )
        connection = await database.connect()
        foreign = "public.t_far is a foreign table: reading it acts on another server"
        assert (await judged(connection, "SELECT * FROM t_far")).reason == foreign
        assert (await judged(connection, "SELECT id FROM t WHERE id = 1")).reason == foreign
        assert (await judged(connection, "TABLE v")).reason == f"view public.v leads to: {foreign}"
        assert "written in internal" in (await judged(connection, "SELECT nap(9)")).reason
        assert (await judged(connection, "SELECT span(1, 2) @> 1, '[1,2]'::span")).reason == ""
        await admin.execute(
            "CREATE FUNCTION to_point(int) RETURNS point LANGUAGE sql VOLATILE AS 'SELECT point(1, 1)';"
            "CREATE CAST (int AS point) WITH FUNCTION to_point(int) AS IMPLICIT;"
        )
        assert "a cast between types of PostgreSQL" in (await judged(connection, "SELECT 1")).reason
        await connection.close()
        await admin.close()


async def test_facts_that_were_never_read_refuse_everything_that_has_a_name() -> None:
    assert verdict("SELECT 1", Facts()).may_execute
    assert not verdict("SELECT lower('A')", Facts()).may_execute
    assert not verdict("SELECT * FROM t", Facts()).may_execute


def test_functions_and_relations_are_listed_as_the_query_spells_them() -> None:
    sql = 'WITH c AS (SELECT Lower(a) FROM s.t) SELECT "Mixed"(x), pg_catalog.now() FROM c JOIN "T" ON true'
    assert functions_of(sql) == ("lower", "Mixed", "pg_catalog.now")
    assert set(relations_of(sql)) == {"s.t", "T"}


async def test_every_operator_and_cast_of_postgresql_itself_is_harmless(trapped: asyncpg.Connection) -> None:
    rows = await trapped.fetch(
        "SELECT p.proname, p.provolatile::text AS v FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode"
        " WHERE o.oid < 16384"
        " UNION SELECT p.proname, p.provolatile::text FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc"
        " WHERE p.oid < 16384"
    )
    assert len(rows) > 500
    assert [row["proname"] for row in rows if row["v"] == "v" or harmless.is_dangerous(row["proname"])] == []


refused = safety._refused
GUARDS = {
    "one statement": (safety, "_one_statement", lambda sql: safety.postgast.parse(sql.partition(";")[0])),
    "dangerous names": (safety, "is_dangerous", lambda name: False),
    "volatility": (safety, "_refused", lambda fact: refused(replace(fact, volatility="s"))),
    "rights": (safety, "_refused", lambda fact: refused(replace(fact, security_definer=False))),
    "bodies": (safety, "texts_of", lambda fact: ()),
    "acting statements": (safety, "acting", lambda tree, origin: ""),
    "words that act": (reach, "ACTING_WORDS", frozenset()),
    "attributes": (safety, "names_of", lambda tree, sql: [n for n in names_of(tree, sql) if not n.attribute]),
    "operators": (safety, "names_of", lambda tree, sql: [n for n in names_of(tree, sql) if n.kind != "operator"]),
    "types": (safety, "names_of", lambda tree, sql: [n for n in names_of(tree, sql) if n.kind != "type"]),
    "domains and casts": (safety._Judge, "_type", lambda judge, oid: ""),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_without_a_guard_some_attack_gets_through(
    trapped: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    module, name, weakened = GUARDS[guard]
    monkeypatch.setattr(module, name, weakened)
    if module is reach or name == "texts_of":
        monkeypatch.setattr(function_facts, "texts_of", module.texts_of)
    passed = []
    for sql in ATTACKS:
        if sql.strip():
            try:
                if (await judged(trapped, sql)).may_execute:
                    passed.append(sql)
            except (safety.postgast.PgQueryError, AttributeError):
                continue
    assert passed


ATOMS = st.sampled_from(
    [
        *"1 'x' id name c.name c.hidden kill() nextval('counter') lying_sql(1) honest(1) random() upper('a')".split(),
        *"pg_advisory_lock(1)::text pg_sleep(0.01)::text 5::guarded 1<=#=>2 add_all(1) (TABLE(lock_view))".split(),
        *("(SELECT k FROM bad_view LIMIT 1)", "(SELECT 1 FROM ruled LIMIT 1)", "set_config('work_mem','9MB',false)"),
    ]
)
GLUE = st.sampled_from([", ", " = ", " || ", "; ", " -- \n, ", " /* */ + ", " IS NOT NULL AND ", "::text, "])
TAILS = st.sampled_from(
    ["", " FROM canary c", " FROM good_view c", " FROM canary c FOR UPDATE", "; SELECT kill()", " INTO copied"]
)


@given(st.lists(st.tuples(ATOMS, GLUE), min_size=1, max_size=4), TAILS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_allowed_changes_nothing(
    trapped: asyncpg.Connection, parts: list[tuple[str, str]], tail: str
) -> None:
    sql = "SELECT " + "".join(atom + glue for atom, glue in parts) + "1" + tail
    if (await judged(trapped, sql)).may_execute:
        assert await effect(trapped, sql) == ""


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_judge(text: str) -> None:
    assert isinstance(verdict(text, Facts()), safety.Verdict)
    functions_of(text)
