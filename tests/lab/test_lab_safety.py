from __future__ import annotations

import asyncio

import pytest

from backend.engines.lab.lab import LabError, open_lab
from backend.engines.postgres.host import EngineError, PostgresHost
from knowledge.statistics import DatabaseStatistics, RelationStatistics

EVIL = """
CREATE TABLE secrets (id int PRIMARY KEY, body text);
CREATE TABLE traces (said text);
CREATE SEQUENCE counted;
CREATE FUNCTION leave_trace(text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS
  $$ BEGIN INSERT INTO traces VALUES ($1); PERFORM nextval('counted'); RETURN true; END $$;
CREATE FUNCTION lies(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN leave_trace($1); END $$;
CREATE FUNCTION sleeps() RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM set_config('statement_timeout', '0', false); PERFORM pg_sleep(60); RETURN 1; END $$;
CREATE FUNCTION who() RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RAISE EXCEPTION 'planned as %, superuser %', current_user, current_setting('is_superuser'); END $$;
"""
STATISTICS = DatabaseStatistics((RelationStatistics("public", "secrets", "r", 1000, 50_000.0, 1000),))


async def traces(lab) -> tuple[int, bool]:
    rows = await lab._builder.admin.fetchval("SELECT count(*) FROM public.traces")
    return rows, await lab._builder.admin.fetchval("SELECT is_called FROM public.counted")


async def test_nothing_is_executed(postgres: PostgresHost) -> None:
    async with open_lab(postgres, EVIL, STATISTICS) as lab:
        await lab.explain("SELECT leave_trace('x')")
        await lab.cost("SELECT leave_trace(body) FROM secrets")
        await lab.explain("INSERT INTO traces VALUES ('planned') RETURNING leave_trace(said)")
        await lab.explain("WITH gone AS (DELETE FROM secrets RETURNING *) SELECT * FROM gone")
        async with lab.what_if("CREATE INDEX ON secrets (body)") as changed:
            await changed.explain("UPDATE secrets SET body = 'x' WHERE leave_trace(body)")
        assert await traces(lab) == (0, False)


async def test_a_function_evaluated_while_planning_cannot_write(postgres: PostgresHost) -> None:
    async with open_lab(postgres, EVIL, STATISTICS) as lab:
        with pytest.raises(LabError, match="read-only transaction"):
            await lab.explain("SELECT lies('x')")
        async with lab.what_if("CREATE INDEX ON secrets (body)") as changed:
            with pytest.raises(LabError, match="read-only transaction"):
                await changed.cost("SELECT lies('x')")
        assert await traces(lab) == (0, False)


async def test_planning_runs_as_the_guest(postgres: PostgresHost) -> None:
    async with open_lab(postgres, EVIL, STATISTICS) as lab:
        with pytest.raises(LabError, match=r"planned as architect_guest_\w+, superuser off"):
            await lab.explain("SELECT who()")


async def test_planning_that_does_not_end_is_ended(postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.engines.lab.planning.CLIENT_SECONDS", 0.3)
    async with open_lab(postgres, EVIL, STATISTICS) as lab:
        with pytest.raises(LabError, match=r"longer than 0\.3 s"):
            await lab.cost("SELECT sleeps()")
        assert (await lab.cost("SELECT * FROM secrets"))[0] > 1000


@pytest.mark.parametrize(
    ("sql", "line", "message"),
    [
        ("SELECT 1; DROP TABLE secrets", 1, "one statement"),
        ("SELECT 1;\n\n-- and\nDROP TABLE secrets", 4, "one statement"),
        ("", 0, "here are 0"),
        ("DROP TABLE secrets", 1, "have a plan"),
        ("ANALYZE SELECT 1", 1, "syntax error"),
        ("EXPLAIN ANALYZE SELECT 1", 1, "have a plan"),
        ("CREATE TABLE x AS SELECT 1", 1, "have a plan"),
        ("SELECT 1 INTO copied", 1, "without INTO"),
        ("EXECUTE something", 1, "have a plan"),
        ("DO $$ BEGIN END $$", 1, "have a plan"),
        ("\n\nSELECT absent\nFROM secrets", 3, 'column "absent" does not exist'),
        ("SELECT *\nFROM secrets\nWHERE bodi = 'x'", 3, 'column "bodi" does not exist'),
        ("SELECT FROM WHERE", 1, "syntax error"),
    ],
)
async def test_what_has_no_plan_is_refused_with_its_line(evil_lab, sql: str, line: int, message: str) -> None:
    for ask in (evil_lab.explain, evil_lab.cost):
        with pytest.raises(LabError, match=message) as refused:
            await ask(sql)
        assert refused.value.line == line
    assert (await evil_lab.cost("SELECT * FROM secrets"))[0] > 1000


@pytest.fixture(scope="module")
async def evil_lab(postgres: PostgresHost):
    async with open_lab(postgres, EVIL, STATISTICS) as lab:
        yield lab


async def test_the_server_itself_refuses_a_second_statement(evil_lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weakened twin: without our own look at the text the extended protocol still takes one statement."""
    from knowledge.report import Location
    from knowledge.statement import Statement

    monkeypatch.setattr(
        "backend.engines.lab.planning.plannable", lambda sql: Statement(sql, Location(path="", line=1), "SelectStmt")
    )
    with pytest.raises(LabError, match="cannot insert multiple commands"):
        await evil_lab.explain("SELECT 1; DROP TABLE secrets")
    assert (await evil_lab.cost("SELECT * FROM secrets"))[0] > 1000


async def test_placeholders_are_planned_for_any_value(evil_lab) -> None:
    plan = await evil_lab.explain("SELECT * FROM secrets WHERE id = $1 AND body <> '$2'", parameters=1)
    assert "$1" in plan.root.text("Index Cond")
    assert (await evil_lab.cost("SELECT * FROM secrets WHERE id = $1"))[1] == {"secrets_pkey"}
    with pytest.raises(LabError, match="has 1 placeholders, not 2"):
        await evil_lab.explain("SELECT * FROM secrets WHERE id = $1", parameters=2)


async def test_an_operators_server_has_no_lab(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        async with open_lab(postgres, EVIL, STATISTICS):
            pass
        assert scratch.name
    server = postgres.server
    assert server is not None
    url = f"postgresql://architect:{server.password}@/postgres?host={server.socket_dir}"
    host = PostgresHost(url=url)
    try:
        with pytest.raises(EngineError, match="embedded PostgreSQL"):
            async with open_lab(host, EVIL, STATISTICS):
                pass
    finally:
        await host.aclose()


async def test_a_failing_statement_of_the_schema_is_named_with_its_line(postgres: PostgresHost) -> None:
    for sql, line in (("CREATE TABLE a (x int);\nCREATE TABLE b (y nothing);", 2), ("CREATE TABLE a (x int;\n", 1)):
        with pytest.raises(LabError) as refused:
            async with open_lab(postgres, sql, DatabaseStatistics()):
                pass
        assert refused.value.line == line


async def test_two_labs_at_once_do_not_disturb_each_other(postgres: PostgresHost) -> None:
    bigger = DatabaseStatistics((RelationStatistics("public", "secrets", "r", 9000, 900_000.0, 9000),))
    async with open_lab(postgres, EVIL, STATISTICS) as one, open_lab(postgres, EVIL, bigger) as other:
        query = "SELECT * FROM secrets WHERE body = 'x'"
        plain = [await lab.cost(query) for lab in (one, other)]

        async def work(lab) -> list[tuple[float, frozenset[str]]]:
            costs = []
            for _ in range(20):
                async with lab.what_if("CREATE INDEX ON secrets (body)") as changed:
                    costs.append(await changed.cost(query))
                costs.append(await lab.cost(query))
            return costs

        first, second = await asyncio.gather(work(one), work(other))
        assert set(first[1::2]) == {plain[0]}
        assert set(second[1::2]) == {plain[1]}
        assert {names for _, names in first[::2] + second[::2]} == {frozenset({"secrets_body_idx"})}


async def test_tasks_that_share_a_lab_wait_for_each_other(evil_lab) -> None:
    query = "SELECT * FROM secrets WHERE body = 'x'"
    plain = await evil_lab.cost(query)

    async def with_index() -> tuple[float, frozenset[str]]:
        async with evil_lab.what_if("CREATE INDEX ON secrets (body)") as changed:
            return await changed.cost(query)

    found = await asyncio.gather(with_index(), evil_lab.cost(query), with_index(), evil_lab.cost(query))
    assert found[1] == found[3] == plain
    assert found[0] == found[2] != plain
