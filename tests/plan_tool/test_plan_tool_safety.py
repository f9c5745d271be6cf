"""Nothing that writes, acts or hides a second statement is ever executed; its plan is told all the same."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from plan_tool_help import QUERY, ROWS, SHOP, Explain, Operators

import knowledge.query.safety
from backend.plans.live import open_live
from backend.rewriting.equality import Equality, compare
from knowledge.query.facts import Facts
from knowledge.query.safety import Verdict
from tools.spec import ToolError

TRAPS = """\
CREATE TABLE canary (id int PRIMARY KEY);
INSERT INTO canary VALUES (1);
CREATE SEQUENCE counter;
CREATE FUNCTION acts() RETURNS int LANGUAGE plpgsql VOLATILE AS
  'BEGIN INSERT INTO canary VALUES (2); RETURN nextval(''counter''); END';
CREATE FUNCTION owners() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';
CREATE VIEW acting AS SELECT acts() AS n FROM canary;
"""
REFUSED = {
    "DELETE FROM canary": "not a SELECT",
    "UPDATE canary SET id = 3": "not a SELECT",
    "INSERT INTO canary VALUES (4)": "not a SELECT",
    "MERGE INTO canary c USING kinds k ON c.id = k.id WHEN MATCHED THEN DELETE": "not a SELECT",
    "WITH gone AS (DELETE FROM canary RETURNING id) SELECT * FROM gone": "",
    "SELECT * FROM canary FOR UPDATE": "",
    "SELECT acts()": "VOLATILE",
    "SELECT n FROM acting": "VOLATILE",
    "SELECT owners() FROM canary": "SECURITY DEFINER",
    "SELECT nextval('counter')": "nextval",
    "SELECT pg_advisory_lock(7)": "pg_advisory_lock",
    "SELECT pg_notify('canary', 'x')": "pg_notify",
    "SELECT set_config('work_mem', '1GB', false)": "set_config",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity": "pg_terminate_backend",
    "SELECT pg_read_file('/etc/passwd')": "pg_read_file",
    "SELECT query_to_xml('DELETE FROM canary', true, true, '')": "query_to_xml",
}


@pytest.fixture
async def trapped(operators: Operators) -> Operators:
    await operators.session.execute(TRAPS)
    return operators


async def untouched(trapped: Operators) -> bool:
    rows = await trapped.session.fetch("SELECT id FROM canary")
    return [row["id"] for row in rows] == [1] and not await trapped.value("SELECT is_called FROM counter")


async def test_a_query_that_only_reads_is_executed_where_that_is_asked_for(live: Explain) -> None:
    measured, planned = await live(sql=QUERY, analyze=True), await live(sql=QUERY)
    assert measured.fact("execution").endswith("ms") and "5 actual" in measured.fact("rows")
    assert not planned.fact("execution") and "planner units, not time" in planned.fact("cost")


@pytest.mark.parametrize("sql", REFUSED)
async def test_what_may_act_is_never_executed(trapped: Operators, live: Explain, sql: str) -> None:
    with pytest.raises(ToolError, match=r"^not executed: .*its plan can be had without `analyze`") as refusal:
        await live(sql=sql, analyze=True)
    assert REFUSED[sql] in str(refusal.value)
    assert await untouched(trapped)


@pytest.mark.parametrize("sql", [sql for sql in REFUSED if "pg_read_file" not in sql])
async def test_the_plan_of_what_may_act_is_told_all_the_same(trapped: Operators, live: Explain, sql: str) -> None:
    report = await live(sql=sql)
    assert report.fact("steps") and "planner units, not time" in report.fact("cost")
    assert await untouched(trapped)


async def test_in_the_lab_nothing_is_executed_either(explain: Explain) -> None:
    ddl = SHOP + TRAPS.replace("INSERT INTO canary VALUES (1);\n", "")
    stops = "CREATE FUNCTION stops(a bigint) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RAISE ''ran''; END';"
    for sql in (*list(REFUSED)[:9], "SELECT stops(id) FROM customers", "DELETE FROM orders WHERE id = stops(1)"):
        report = await explain(sql=sql, ddl=ddl + stops, rows=["customers=200k"])
        assert report.fact("cost"), sql


@pytest.mark.parametrize(
    "hidden",
    [
        "SELECT 1; DELETE FROM canary",
        "SELECT 1; COMMIT; DELETE FROM canary",
        "SELECT 1 /* ; */ -- ;\n; TRUNCATE canary",
        "SELECT $$;$$; DELETE FROM canary",
    ],
)
async def test_a_second_statement_is_not_even_sent(trapped: Operators, hidden: str) -> None:
    from backend.targets.target import TargetError

    async with open_live(trapped.url) as database:
        for execute in (True, False):
            with pytest.raises(TargetError):
                await database.explain(hidden, execute=execute)
    assert await untouched(trapped)


async def test_two_statements_are_never_executed(trapped: Operators, live: Explain) -> None:
    with pytest.raises(ToolError, match="not executed: `analyze` executes one statement, and here are 2"):
        await live(sql="SELECT 1; DELETE FROM canary", analyze=True)
    planned = await live(sql="SELECT 1; DELETE FROM canary")
    assert planned.fact("queries") == "2"
    assert await untouched(trapped)


async def test_an_explain_in_front_of_a_query_is_no_permission(trapped: Operators, live: Explain) -> None:
    for sql in ("EXPLAIN ANALYZE DELETE FROM canary", "EXPLAIN (ANALYZE, COSTS OFF) SELECT acts()"):
        with pytest.raises(ToolError, match="not executed: "):
            await live(sql=sql, analyze=True)
        assert not (await live(sql=sql)).fact("execution")
    assert await untouched(trapped)


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that allows everything."""

    def allow(sql: str, facts: Facts) -> Verdict:
        return Verdict(True)

    monkeypatch.setattr(knowledge.query.safety, "verdict", allow)


@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("sql", ["DELETE FROM canary", "SELECT acts()", "SELECT nextval('counter')"])
async def test_even_with_a_careless_judge_the_transaction_cannot_write(
    trapped: Operators, live: Explain, sql: str
) -> None:
    with pytest.raises(ToolError, match=r"25006 cannot execute .* in a read-only transaction"):
        await live(sql=sql, analyze=True)
    assert await untouched(trapped)


VICTIM = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'canary'"


@pytest.fixture
async def canary(trapped: Operators) -> asyncpg.Connection:
    """A session that somebody's query could end, in a read-only transaction as well."""
    return await asyncpg.connect(trapped.url, server_settings={"application_name": "canary"})


async def test_a_query_that_ends_other_sessions_is_refused(canary: asyncpg.Connection, live: Explain) -> None:
    with pytest.raises(ToolError, match="not executed: function pg_terminate_backend"):
        await live(sql=VICTIM, analyze=True)
    assert await canary.fetchval("SELECT 1") == 1
    await canary.close()


@pytest.mark.usefixtures("careless")
async def test_with_a_careless_judge_that_session_is_ended(canary: asyncpg.Connection, live: Explain) -> None:
    await live(sql=VICTIM, analyze=True)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await canary.fetchval("SELECT 1")


LYING = """\
CREATE FUNCTION ends_folded(text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  'BEGIN RETURN (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
   WHERE application_name = $1 AND datname = current_database()); END';
CREATE FUNCTION ends_estimated(text) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN ends_folded($1); END';
CREATE FUNCTION owners_estimated(text) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS
  'BEGIN RETURN ends_folded($1); END';
"""
EVALUATED = [
    "SELECT ends_folded('canary')",
    "SELECT * FROM orders WHERE id > ends_estimated('canary')",
    "DELETE FROM orders WHERE id > owners_estimated('canary')",
]


@pytest.mark.parametrize("sql", EVALUATED)
async def test_functions_that_planning_would_evaluate_are_kept_from_it_on_the_target(
    canary: asyncpg.Connection, trapped: Operators, live: Explain, sql: str
) -> None:
    """PostgreSQL calls IMMUTABLE and STABLE functions while it plans; what they are declared is what they do not do."""
    await trapped.session.execute(LYING)
    report = await live(sql=sql)
    assert await canary.fetchval("SELECT 1") == 1
    assert report.fact("cost")
    assert any(each.startswith("the target's own plan: ") for each in report.not_tested)
    await canary.close()


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("sql", EVALUATED)
async def test_planning_does_evaluate_them(trapped: Operators, sql: str) -> None:
    await trapped.session.execute(LYING)
    await trapped.session.execute(f"EXPLAIN {sql}")
    ended = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'canary'"
    while await trapped.value(ended):
        pass


async def test_honest_functions_are_planned_on_the_target(trapped: Operators, live: Explain) -> None:
    await trapped.session.execute(
        "CREATE FUNCTION twice(a bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 2 * a; END'"
    )
    report = await live(sql="SELECT * FROM orders WHERE id = twice(21)")
    assert not any(each.startswith("the target's own plan: ") for each in report.not_tested)


async def test_what_hides_an_acting_function_is_not_executed_on_generated_rows_either(
    explain: Explain, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    async def noted(*given: Any, **named: Any) -> Equality:
        equality = await compare(*given, **named)
        compared.append(f"{equality.databases} {equality.reason}")
        return equality

    monkeypatch.setattr("backend.rewriting.prove.compare", noted)
    hiding = "CREATE FUNCTION hides(bigint) RETURNS int LANGUAGE sql STABLE AS 'SELECT acts()';"
    for sql in ("SELECT DISTINCT id, total, hides(id) FROM orders", "SELECT DISTINCT id, total FROM orders"):
        await explain(sql=sql, ddl=SHOP + TRAPS + hiding, rows=ROWS)
    hidden, plain = compared
    assert hidden.startswith("0 it calls a volatile function")
    assert int(plain.split()[0]) > 100
