"""Statements that control the transaction, carry data, change settings, fail, hang or kill."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from tracing_help import statements, strongest, traced

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.trace import Tracer, observer, trace_script, trace_statements
from backend.engines.trace.kinds import Course, course
from knowledge.report import Location
from knowledge.statement import Statement
from knowledge.trace import LockMode as Mode

T = "public.t"


async def tables(scratch: Scratch) -> set[str]:
    session = await scratch.connect()
    try:
        return {row[0] for row in await session.fetch("SELECT relname FROM pg_class WHERE oid >= 16384")}
    finally:
        await session.close()


# -- transactions ----------------------------------------------------------------------------------


async def test_a_scripts_own_transaction_is_obeyed_and_its_locks_seen(world: Scratch) -> None:
    traces = await traced(
        world,
        "BEGIN; ALTER TABLE t ADD a int; SAVEPOINT s; ALTER TABLE t ADD b int; ROLLBACK TO s; COMMIT;"
        "BEGIN; DROP TABLE child; ROLLBACK; SELECT a FROM t; SELECT b FROM t; SELECT * FROM child",
        transactional=False,
    )
    assert [trace.error.sqlstate for trace in traces if trace.error] == ["42703"]
    assert strongest(traces[1].locks, T) is Mode.ACCESS_EXCLUSIVE
    assert traces[1].probes[0].read_blocked
    assert traces[7].probes


async def test_a_commit_in_the_middle_ends_the_callers_transaction_too(world: Scratch) -> None:
    traces = await traced(world, "BEGIN; ALTER TABLE t ADD a int; COMMIT; CREATE INDEX CONCURRENTLY ON t (n)")
    assert [trace.error for trace in traces] == [None] * 4
    assert "already a transaction in progress" in traces[0].notices[0]
    assert traces[3].transaction == "alone"


async def test_concurrently_inside_a_transaction_is_an_error_and_the_rest_goes_on(world: Scratch) -> None:
    traces = await traced(world, "CREATE INDEX CONCURRENTLY t_n ON t (n); CREATE INDEX t_n ON t (n)")
    assert traces[0].error is not None
    assert traces[0].error.sqlstate == "25001"
    assert traces[1].error is None
    assert "t_n" in await tables(world)


@pytest.mark.parametrize(
    "sql",
    [
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, DEFERRABLE",
        "SET transaction_isolation = 'serializable'",
    ],
)
async def test_the_mode_of_a_transaction_can_be_set_first(world: Scratch, sql: str) -> None:
    traces = await traced(world, f"{sql}; ALTER TABLE t ADD a int")
    assert [trace.error for trace in traces] == [None, None]
    assert traces[1].locks


async def test_the_mode_of_a_transaction_cannot_be_set_later(world: Scratch) -> None:
    traces = await traced(world, "SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; ALTER TABLE t ADD a int")
    assert traces[1].error is not None
    assert traces[1].error.message == "SET TRANSACTION ISOLATION LEVEL must be called before any query"
    assert traces[2].error is None


async def test_locks_held_since_earlier_statements_are_told_apart(world: Scratch) -> None:
    traces = await traced(world, "ALTER TABLE t ADD a int; ALTER TABLE ref ADD a int; ALTER TABLE t ADD b int")
    assert {lock.relation for lock in traces[1].locks} == {"public.ref"}
    assert [lock.relation for lock in traces[1].held] == [T]
    assert strongest(traces[2].locks, T) is Mode.ACCESS_EXCLUSIVE


async def test_scans_of_an_undone_statement_are_not_laid_at_the_next_ones_door(world: Scratch) -> None:
    traces = await traced(world, "ALTER TABLE t ADD CHECK (n > 3); ALTER TABLE t ADD a int")
    assert traces[0].error is not None
    assert traces[0].error.sqlstate == "23514"
    assert traces[1].scans == ()


async def test_scans_of_an_earlier_transaction_are_not_counted_again(
    world: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "ALTER TABLE t ADD CHECK (n > 0); ALTER TABLE t ADD a int"
    traces = await traced(world, script, transactional=False)
    assert [trace.scans for trace in traces] == [(T,), ()]
    monkeypatch.setattr(observer, "FLUSH", "")
    weakened = await traced(
        world, "ALTER TABLE t ADD CHECK (n > 1 OR n = 1); ALTER TABLE t ADD b int", transactional=False
    )
    assert weakened[1].scans == (T,), "without the flush the check must be seen to fail"


async def test_a_deferred_check_that_fails_at_the_end_is_reported(world: Scratch) -> None:
    traces = await traced(
        world,
        "ALTER TABLE child ADD FOREIGN KEY (id) REFERENCES ref DEFERRABLE INITIALLY DEFERRED;"
        "INSERT INTO child VALUES (77, NULL)",
    )
    assert traces[-1].error is not None
    assert traces[-1].error.sqlstate == "23503"
    assert traces[-1].note == "found at the end of the transaction"


async def test_stop_at_error_skips_the_rest_and_rolls_back(world: Scratch) -> None:
    traces = await traced(world, "CREATE TABLE made (); SELECT broken; CREATE TABLE later ()", stop_at_error=True)
    assert [trace.transaction for trace in traces] == ["open", "open", "skipped"]
    assert not {"made", "later"} & await tables(world)


# -- what statements hide --------------------------------------------------------------------------


async def test_what_a_do_block_or_a_function_does_is_seen(world: Scratch) -> None:
    traces = await traced(
        world,
        "DO $$ BEGIN EXECUTE 'ALTER TABLE t ALTER n TYPE bigint'; END $$;"
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'CREATE INDEX t_r ON t (r)'; SELECT f()",
        transactional=False,
    )
    assert T in traces[0].rewrites
    assert strongest(traces[2].locks, T) is Mode.SHARE
    assert traces[2].scans == (T,)


async def test_a_procedure_that_commits_runs_alone(world: Scratch) -> None:
    traces = await traced(
        world,
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE a (); COMMIT; END $$; CALL p()",
        transactional=False,
    )
    assert traces[1].error is None
    assert traces[1].transaction == "alone"
    assert "a" in await tables(world)


async def test_copy_data_goes_where_the_statement_says(world: Scratch) -> None:
    script = (
        "COPY ref FROM stdin;\n10\t1\n11\t\\N\n\\.\n"
        "COPY ref (id) FROM stdin WITH (FORMAT csv);\n12\n\\.\n"
        "COPY ref FROM stdin;\nx\t1\n\\.\n"
        "COPY ref FROM stdin;\n\\.\n"
        "COPY ref TO stdout;\n"
        "CREATE TABLE frozen (a int);\nCOPY frozen FROM stdin WITH (FREEZE);\n1\n\\.\n"
        "COPY ref TO PROGRAM 'cat';\n"
    )
    traces = await traced(world, script)
    assert [trace.rows for trace in traces if trace.statement.kind == "CopyStmt"] == [2, 1, 0, 0, 8, 1, 0]
    assert [trace.error.sqlstate for trace in traces if trace.error] == ["22P02", "42501"]


async def test_psql_commands_are_skipped_with_the_reason(world: Scratch) -> None:
    traces = await traced(world, "\\set x 1\n\\echo hello\nSELECT 1;")
    assert [trace.transaction for trace in traces] == ["skipped", "skipped", "open"]
    assert "psql" in traces[0].note


async def test_a_string_of_several_statements_runs_as_one(world: Scratch) -> None:
    several = Statement("ALTER TABLE t ADD a int; CREATE INDEX ON t (a)", Location(), "")
    (trace,) = await trace_statements(world, [several])
    assert trace.error is None
    assert strongest(trace.locks, T) is Mode.ACCESS_EXCLUSIVE
    assert trace.scans == (T,)


async def test_quoted_names_are_told_as_sql_would_write_them(world: Scratch) -> None:
    traces = await traced(
        world,
        'CREATE SCHEMA "My app"; CREATE TABLE "My app"."User.s" (id int); ALTER TABLE "My app"."User.s" ADD a int;'
        'CREATE TABLE "order" (id int); ALTER TABLE "order" ADD a int',
        transactional=False,
    )
    assert traces[2].locks[0].relation == '"My app"."User.s"'
    assert traces[2].probes[0].read_blocked
    assert traces[4].locks[0].relation == 'public."order"'


async def test_temporary_tables_are_nobody_elses_business(world: Scratch) -> None:
    traces = await traced(world, "CREATE TEMP TABLE mine (id int); ALTER TABLE mine ALTER id TYPE bigint")
    assert (traces[1].locks, traces[1].rewrites, traces[1].error) == ((), (), None)


async def test_triggers_of_the_script_are_not_fired_by_the_probes(world: Scratch) -> None:
    traces = await traced(
        world,
        "CREATE TABLE fired (); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$;"
        "CREATE TRIGGER loud BEFORE DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION note();"
        "CREATE INDEX ON t (n)",
        transactional=False,
    )
    assert traces[3].probes[0].write_blocked
    assert not traces[3].probes[0].read_blocked


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        "SET client_min_messages = error",
        "RESET ALL",
        "DEALLOCATE ALL",
        "SET search_path = ''",
        "SET search_path = public, pg_catalog",
        "SET ROLE none",
        "SET lock_timeout = '1ms'",
        "DO $$ BEGIN PERFORM set_config('client_min_messages', 'error', false); END $$",
        "SET standard_conforming_strings = off",
        "SET client_encoding = 'LATIN1'",
        "SET default_transaction_isolation = 'serializable'",
        "DISCARD ALL",
    ],
)
@pytest.mark.parametrize("transactional", [True, False])
async def test_a_scripts_settings_do_not_blind_the_tracer(world: Scratch, setting: str, transactional: bool) -> None:
    traces = await traced(world, f"{setting}; ALTER TABLE public.t ALTER n TYPE bigint", transactional=transactional)
    refused = transactional and setting == "DISCARD ALL"
    assert (traces[0].error is not None) == refused
    assert traces[1].error is None
    assert T in traces[1].rewrites
    assert 'rewriting table "t"' in traces[1].messages
    assert traces[1].probes[0].read_blocked


async def test_a_short_lock_timeout_is_not_used_up_by_the_watching(world: Scratch) -> None:
    traces = await traced(world, "SET lock_timeout = '5ms'; CREATE INDEX CONCURRENTLY ON t (n)", transactional=False)
    assert traces[1].error is None
    assert "nothing standing in its way" in traces[1].note


async def test_what_cannot_be_observed_is_run_all_the_same(world: Scratch) -> None:
    traces = await traced(
        world, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; CREATE TABLE made (); END $$; ALTER TABLE t ADD a int"
    )
    assert traces[0].error is None
    assert "could not be observed" in traces[0].note
    assert traces[1].locks
    assert "made" in await tables(world)


async def test_settings_outlive_the_step_that_made_them(world: Scratch) -> None:
    traces = await traced(world, "SET LOCAL search_path = nowhere; SELECT * FROM t")
    assert traces[1].error is not None
    assert traces[1].error.sqlstate == "42P01"


# -- trouble ---------------------------------------------------------------------------------------


async def test_errors_carry_what_postgresql_said(world: Scratch) -> None:
    (trace,) = await traced(world, "INSERT INTO ref VALUES (1, 1)")
    assert trace.error is not None
    assert trace.error.sqlstate == "23505"
    assert trace.error.detail == "Key (id)=(1) already exists."


async def test_a_statement_that_never_ends_is_cancelled(world: Scratch) -> None:
    traces = await traced(world, "SELECT pg_sleep(600); ALTER TABLE t ADD a int", timeout_seconds=0.2)
    assert traces[0].error is not None
    assert traces[0].error.sqlstate == "57014"
    assert traces[0].error.message == "the statement was cancelled: it ran longer than 0.2 s"
    assert traces[1].locks


async def test_a_statement_that_ignores_cancelling_loses_its_session(
    world: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.engines.trace.execution.GRACE_SECONDS", 0.2)
    stubborn = (
        "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$"
    )
    traces = await traced(world, f"CREATE TABLE made (); {stubborn}; SELECT 1", timeout_seconds=0.2)
    assert traces[1].error is not None
    assert "session was ended" in traces[1].error.detail
    assert traces[2].transaction == "skipped"
    assert "made" not in await tables(world)


@pytest.mark.parametrize("transactional", [True, False])
async def test_a_statement_that_kills_its_own_session_is_reported_and_survived(
    world: Scratch, transactional: bool
) -> None:
    traces = await traced(
        world,
        "CREATE TABLE made (); SELECT pg_terminate_backend(pg_backend_pid()); ALTER TABLE t ADD a int",
        transactional=transactional,
    )
    assert traces[1].error is not None
    assert traces[1].error.sqlstate == "57P01"
    assert traces[2].transaction == ("skipped" if transactional else "open")
    assert ("made" in await tables(world)) != transactional


async def test_a_script_that_kills_every_other_session_does_not_end_the_probing(world: Scratch) -> None:
    traces = await traced(
        world,
        "ALTER TABLE t ADD a int; SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid(); ALTER TABLE t ADD b int",
        transactional=False,
    )
    assert [bool(trace.probes) for trace in traces] == [True, False, True]


async def test_cancelling_the_caller_stops_the_statement_on_the_server(world: Scratch, postgres: PostgresHost) -> None:
    async with Tracer(world) as outer:
        watcher = outer.connection
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(6%' AND state = 'active'"
        task = asyncio.create_task(traced(world, "CREATE TABLE made (); SELECT pg_sleep(600)"))  # type: ignore[arg-type]
        while not await watcher.fetchval(running):
            assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await watcher.fetchval(running) == 0
    assert "made" not in await tables(world)
    async with postgres.scratch() as another:
        assert not await tables(another)


async def test_a_nul_byte_and_broken_sql_are_errors_of_one_statement(world: Scratch) -> None:
    broken = [Statement("SELECT '\0'", Location(), ""), Statement("SELEC 1", Location(), "")]
    traces = await trace_statements(world, [*broken, *statements("ALTER TABLE t ADD a int")])
    assert [trace.error.sqlstate if trace.error else "" for trace in traces] == ["22021", "42601", ""]


@pytest.mark.parametrize("text", ["", "-- nothing", ";"])
async def test_text_without_a_statement_does_nothing(world: Scratch, text: str) -> None:
    traces = await trace_statements(world, [Statement(text, Location(), ""), *statements("ALTER TABLE t ADD a int")])
    assert [trace.error for trace in traces] == [None, None]


async def test_harmless_extensions_are_created_for_the_guest_and_others_refused(world: Scratch) -> None:
    traces = await traced(world, "CREATE EXTENSION vector; CREATE TABLE v (e vector(3)); CREATE EXTENSION file_fdw")
    assert [trace.error.sqlstate if trace.error else "" for trace in traces] == ["", "", "42501"]


async def test_other_databases_and_files_are_out_of_reach(world: Scratch) -> None:
    traces = await traced(
        world,
        "DROP DATABASE postgres; COPY ref FROM '/etc/passwd'; CREATE DATABASE more; ALTER SYSTEM SET fsync = on;"
        "SELECT pg_read_file('/etc/passwd')",
        transactional=False,
    )
    assert all(trace.error is not None for trace in traces)
    assert {trace.error.sqlstate for trace in traces if trace.error} <= {"42501", "42704"}


# -- unobserved statements -------------------------------------------------------------------------


async def test_unobserved_statements_run_together_and_the_culprit_of_a_failure_is_found(world: Scratch) -> None:
    script = "CREATE TABLE a (); CREATE TABLE b () -- a comment\n; CREATE TABLE a (); CREATE TABLE c ()"
    traces = await traced(world, script, observe=lambda _: False)
    assert [trace.error.sqlstate if trace.error else "" for trace in traces] == ["", "", "42P07", ""]
    assert {"a", "b", "c"} <= await tables(world)
    assert all(trace.note == "not observed" for trace in traces)


async def test_an_observed_statement_after_unobserved_ones_sees_only_its_own_work(world: Scratch) -> None:
    script = "CREATE TABLE fresh (id int); ALTER TABLE t ADD CHECK (n > 0); ALTER TABLE fresh ADD a int"
    traces = await traced(world, script, observe=lambda statement: statement.sql.startswith("ALTER TABLE f"))
    assert {lock.relation for lock in traces[2].locks} == {"public.fresh"}
    assert traces[2].scans == ()
    assert {lock.relation for lock in traces[2].held} == {T}


async def test_every_trace_is_announced_in_order(world: Scratch) -> None:
    heard: list[str] = []
    traces = await traced(
        world, "SELECT 1; SELECT 2; SELECT 3", on_trace=lambda trace: heard.append(trace.statement.sql)
    )
    assert heard == [trace.statement.sql for trace in traces]


async def test_wal_and_time_are_of_the_statement_alone(world: Scratch) -> None:
    traces = await traced(
        world,
        "INSERT INTO ref SELECT g, g FROM generate_series(100, 20000) g; ALTER TABLE t ADD a int;"
        "ALTER TABLE ref ADD a float DEFAULT random()",
    )
    assert traces[0].wal_bytes > 500_000
    assert traces[1].wal_bytes < 50_000
    assert traces[2].wal_bytes > 500_000
    assert all(trace.seconds > 0 for trace in traces)
    assert traces[0].rows == 19_901


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE INDEX CONCURRENTLY ON t (a)", Course.ALONE),
        ("DROP INDEX CONCURRENTLY i", Course.ALONE),
        ("REINDEX (CONCURRENTLY) TABLE t", Course.ALONE),
        ("REINDEX DATABASE d", Course.ALONE),
        ("REINDEX TABLE t", Course.PLAIN),
        ("VACUUM", Course.ALONE),
        ("ANALYZE t", Course.PLAIN),
        ("CLUSTER", Course.ALONE),
        ("CLUSTER t", Course.PLAIN),
        ("ALTER TABLE p DETACH PARTITION c CONCURRENTLY", Course.ALONE),
        ("ALTER TABLE p DETACH PARTITION c", Course.PLAIN),
        ("SET TRANSACTION READ ONLY", Course.MODE),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Course.SETTING),
        ("SET search_path = x", Course.SETTING),
        ("INSERT INTO t VALUES (1)", Course.INSERT),
        ("INSERT INTO t SELECT 1", Course.PLAIN),
        ("INSERT INTO t VALUES ((SELECT 1))", Course.PLAIN),
        ("COPY t FROM '/x'", Course.PLAIN),
        ("COPY t TO stdout", Course.COPY_OUT),
        ("START TRANSACTION", Course.CONTROL),
        ("LOCK TABLE t", Course.SESSION),
    ],
)
def test_the_course_of_a_statement_is_read_from_its_tree(sql: str, expected: Course) -> None:
    assert course(statements(sql)[0]) is expected


async def test_without_a_session_the_tracer_says_how_to_use_it(world: Scratch) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Tracer(world).begin()


async def test_probing_can_be_left_out(world: Scratch) -> None:
    (trace,) = await traced(world, "ALTER TABLE t ADD a int", probes=False)
    assert trace.probes == ()
    assert trace.locks


async def test_sessions_are_closed_when_the_work_is_done(world: Scratch) -> None:
    await traced(world, "ALTER TABLE t ADD a int")
    session: asyncpg.Connection = await world.connect()
    try:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while await session.fetchval(others):
            pass
    finally:
        await session.close()


async def test_one_tracer_serves_many_scripts_and_can_be_made_new(world: Scratch) -> None:
    async with Tracer(world) as tracer:
        await trace_script(tracer, statements("SET search_path = nowhere; SET client_min_messages = error"))
        (lost,) = await trace_script(tracer, statements("ALTER TABLE t ADD a int"))
        assert lost.error is not None
        await tracer.renew()
        (found,) = await trace_script(tracer, statements("ALTER TABLE t ALTER n TYPE bigint"))
        assert found.error is None
        assert found.messages
        assert found.probes[0].read_blocked


async def test_what_was_done_behind_the_tracers_back_is_seen_after_forget(world: Scratch) -> None:
    async with Tracer(world) as tracer:
        await tracer.begin()
        await tracer.run(statements("SELECT 1")[0])
        await tracer.connection.execute("CREATE TABLE behind (id int); ALTER TABLE t ADD CHECK (n > 0)")
        tracer.forget()
        trace = await tracer.run(statements("ALTER TABLE behind ADD a int")[0])
    assert strongest(trace.locks, "public.behind") is Mode.ACCESS_EXCLUSIVE
    assert trace.scans == ()
    assert T in {lock.relation for lock in trace.held}
