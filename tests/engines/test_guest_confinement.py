"""What a guest must not do. Each case has a twin: the same statement succeeds as the administrator, so the
check can fail."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from engine_help import attempt, until_running

from backend.engines.postgres.extensions import HARMLESS_EXTENSIONS
from backend.engines.postgres.host import EngineError, PostgresHost, Scratch

DENIED = "42501"

FORBIDDEN = {
    "drop another database": "DROP DATABASE {victim} WITH (FORCE)",
    "drop a database of the administrator": "DROP DATABASE {scratch}_",
    "create a database": "CREATE DATABASE architect_spoils",
    "rename a database": "ALTER DATABASE {scratch}_ RENAME TO architect_renamed",
    "set a database's defaults": "ALTER DATABASE {scratch} SET work_mem = '1GB'",
    "end another's session": "DO $$BEGIN ASSERT pg_terminate_backend({victim_pid}, 5000); END$$",
    "cancel another's query": "DO $$BEGIN ASSERT pg_cancel_backend({victim_pid}); END$$",
    "run a program with COPY TO": "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'",
    "run a program with COPY FROM": "COPY lines FROM PROGRAM 'echo pwned'",
    "write a file": "COPY (SELECT 1) TO '{folder}/loot'",
    "read a file with COPY": "COPY lines FROM '/etc/passwd'",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "read a binary file": "SELECT pg_read_binary_file('/etc/passwd')",
    "look at a file": "SELECT pg_stat_file('/etc/passwd')",
    "list a folder": "SELECT pg_ls_dir('/')",
    "import a large object": "SELECT lo_import('/etc/passwd')",
    "export a large object": "SELECT lo_export(4711, '{folder}/object')",
    "load a library": "LOAD 'auto_explain'",
    "change the server's settings": "ALTER SYSTEM SET work_mem = '8MB'",
    "reload the configuration": "SELECT pg_reload_conf()",
    "read the configuration file": "SELECT count(*) FROM pg_file_settings",
    "read the access rules": "SELECT count(*) FROM pg_hba_file_rules",
    "read password hashes": "SELECT rolpassword FROM pg_authid",
    "become the administrator": "SET ROLE architect",
    "be the administrator": "SET SESSION AUTHORIZATION architect",
    "create a superuser": "CREATE ROLE pretender SUPERUSER",
    "create a role that replicates": "CREATE ROLE replica REPLICATION",
    "create a role above row security": "CREATE ROLE seer BYPASSRLS",
    "rise to superuser": "ALTER ROLE {guest} SUPERUSER",
    "join the administrator": "GRANT architect TO {guest}",
    "join those who read files": "GRANT pg_read_server_files TO {guest}",
    "join those who run programs": "GRANT pg_execute_server_program TO {guest}",
    "join those who end sessions": "GRANT pg_signal_backend TO {guest}",
    "alter the administrator": "ALTER ROLE architect CONNECTION LIMIT -1",
    "lift its limit of sessions": "ALTER ROLE {guest} CONNECTION LIMIT -1",
    "lift the limit of temporary files": "SET temp_file_limit = -1",
    "log everything": "SET log_statement = 'all'",
    "create a function in C": "CREATE FUNCTION c(int) RETURNS int LANGUAGE c AS '$libdir/citext', 'citext_eq'",
    "create an internal function": "CREATE FUNCTION i() RETURNS int LANGUAGE internal AS 'pg_backend_pid'",
    "create an event trigger": "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION pg_catalog.noop()",
    "create a tablespace": "CREATE TABLESPACE elsewhere LOCATION '{folder}/space'",
    "read files as tables": "CREATE EXTENSION file_fdw",
    "reach other servers": "CREATE EXTENSION postgres_fdw",
    "connect from SQL": "CREATE EXTENSION dblink",
    "write to the catalog": "UPDATE pg_catalog.pg_class SET relname = relname",
    "create in pg_catalog": "CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "switch the write-ahead log": "SELECT pg_switch_wal()",
    "reset the statistics": "SELECT pg_stat_reset_shared('io')",
    "force a checkpoint": "CHECKPOINT",
}


@dataclass
class Scene:
    """Two scratch databases: the guest of one attacks, a session of the other is the victim."""

    host: PostgresHost
    scratch: Scratch
    names: dict[str, object]


@pytest.fixture
async def scene(postgres: PostgresHost) -> AsyncIterator[Scene]:
    async with postgres.scratch() as scratch, postgres.scratch() as other:
        victim = await other.connect()
        admin = await scratch.connect(admin=True)
        try:
            await admin.execute("CREATE TABLE lines (line text); SELECT lo_from_bytea(4711, 'object')")
            await admin.execute(f"ALTER TABLE lines OWNER TO {scratch.guest}")
            await admin.execute(
                "CREATE FUNCTION pg_catalog.noop() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
            )
            assert postgres.server is not None
            space = postgres.server.folder / "space"
            await admin.execute(f"CREATE DATABASE {scratch.name}_")
            await admin.execute(f"COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mkdir -p {space}'")
            yield Scene(
                postgres,
                scratch,
                {
                    "victim": other.name,
                    "scratch": scratch.name,
                    "victim_pid": victim.get_server_pid(),
                    "folder": postgres.server.folder,
                    "guest": scratch.guest,
                },
            )
            await admin.execute("RESET SESSION AUTHORIZATION")
            for leftover in ("architect_spoils", "architect_renamed", f"{scratch.name}_"):
                await admin.execute(f"DROP DATABASE IF EXISTS {leftover} WITH (FORCE)")
            await admin.execute("DROP TABLESPACE IF EXISTS elsewhere")
            await admin.execute("DROP ROLE IF EXISTS pretender, replica, seer")
            await admin.execute("ALTER SYSTEM RESET work_mem")
        finally:
            await admin.close()
            victim.terminate()


@pytest.mark.parametrize("deed", FORBIDDEN)
async def test_a_guest_is_refused_what_the_administrator_may_do(scene: Scene, deed: str) -> None:
    sql = FORBIDDEN[deed].format(**scene.names)
    guest = await scene.scratch.connect()
    try:
        assert await attempt(guest, sql) == DENIED
    finally:
        await guest.close()
    twin = await scene.scratch.connect(admin=True)
    try:
        assert await attempt(twin, sql) == ""
    finally:
        await twin.close()


async def test_a_guest_enters_no_database_but_its_own(scene: Scene) -> None:
    lineage = scene.host._lineages[scene.scratch.name]
    for database in ("postgres", "template1", str(scene.names["victim"])):
        with pytest.raises(EngineError, match="permission denied"):
            await scene.host._administration.connect(database, user=lineage.guest, password=lineage.password)
        await (await scene.host.connect(database)).close()


async def test_a_role_that_a_guest_made_is_no_more_than_the_guest(scene: Scene) -> None:
    guest = await scene.scratch.connect()
    try:
        await guest.execute("CREATE ROLE helper LOGIN PASSWORD 'known' CREATEROLE")
    finally:
        await guest.close()
    with pytest.raises(EngineError, match="permission denied"):
        await scene.host._administration.connect("postgres", user="helper", password="known")


async def test_dblink_does_not_make_a_guest_the_administrator(scene: Scene) -> None:
    assert scene.host.server is not None
    admin = await scene.scratch.connect(admin=True)
    guest = await scene.scratch.connect()
    address = f"host={scene.host.server.socket_dir} dbname={scene.scratch.name} user=architect"
    try:
        await admin.execute("CREATE EXTENSION dblink")
        for secret in ("", " password=guessed"):
            state = await attempt(guest, f"SELECT dblink_connect('{address}{secret}')")
            assert state in ("2F003", "08001")  # a password is required; the connection failed
        assert await attempt(guest, f"SELECT dblink_connect_u('{address}')") == DENIED
        twin = f"SELECT dblink_connect('{address} password={scene.host.server.password}')"
        assert await attempt(admin, twin) == ""
    finally:
        await guest.close()
        await admin.close()


def psql(host: PostgresHost, scratch: Scratch, **changed: str) -> int:
    program, environment, arguments = host.psql_env(scratch, admin=True)
    command = [str(program), *arguments, "--no-password", "-c", "SELECT 1"]
    return subprocess.run(command, env=environment | changed, capture_output=True, timeout=30).returncode


async def test_nobody_is_the_administrator_without_its_password(scene: Scene) -> None:
    assert psql(scene.host, scene.scratch, PGPASSWORD="") == 2
    assert psql(scene.host, scene.scratch, PGPASSWORD="guessed") == 2
    assert psql(scene.host, scene.scratch) == 0


@pytest.mark.parametrize(
    "name", ["file_fdw", "dblink", "postgres_fdw", "plpython3u", "adminpack", 'x"; DROP TABLE t;--']
)
async def test_an_extension_that_is_not_harmless_is_never_created(scratch: Scratch, name: str) -> None:
    with pytest.raises(EngineError, match="not created here"):
        await scratch.create_extension(name)


async def test_every_harmless_extension_at_hand_is_created_by_the_guest_itself(
    postgres: PostgresHost, scratch: Scratch
) -> None:
    guest = await scratch.connect()
    try:
        names = {row[0] for row in await guest.fetch("SELECT name FROM pg_available_extensions")}
        assert {"vector", "citext", "pgcrypto", "uuid-ossp", "pg_trgm", "hstore"} <= names
        for name in sorted(names & HARMLESS_EXTENSIONS):
            assert await attempt(guest, f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE') == "", name
            await scratch.create_extension(name)
        made = await guest.fetch(
            "SELECT extname FROM pg_extension e JOIN pg_roles r ON r.oid = e.extowner WHERE rolname = current_user"
        )
        assert {row[0] for row in made} == (names & HARMLESS_EXTENSIONS) - {"plpgsql"}
    finally:
        await guest.close()


async def test_a_session_that_takes_too_much_memory_fails_and_no_other() -> None:
    host = PostgresHost(memory_limit=700 * 1024**2)
    try:
        async with host.scratch() as scratch:
            glutton, neighbour = await scratch.connect(), await scratch.connect()
            hunger = "SELECT cardinality(array_agg(repeat(rpad(i::text, 1000), 50000))) FROM generate_series(1, {}) i"
            assert await attempt(glutton, hunger.format(2)) == ""
            assert await attempt(glutton, hunger.format(100)) == "53200"
            assert await neighbour.fetchval("SELECT 1") == 1
            await glutton.close()
            await neighbour.close()
    finally:
        await host.aclose()


async def test_a_database_that_grows_too_large_loses_its_sessions_and_the_next_one_works() -> None:
    host = PostgresHost(database_limit=48 * 1024**2)
    grow = "CREATE TABLE big AS SELECT repeat('x', 1000), generate_series(1, {})"
    try:
        async with host.scratch() as scratch:
            session = await scratch.connect()
            assert await attempt(session, grow.format(10_000)) == ""
            await session.execute("DROP TABLE big; SET statement_timeout = 0")
            with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
                await session.execute(grow.format(1_000_000_000))
            session.terminate()
        async with host.scratch() as scratch:
            session = await scratch.connect()
            assert await attempt(session, grow.format(10_000)) == ""
            await session.close()
    finally:
        await host.aclose()


async def test_a_statement_that_never_ends_is_cut_and_the_next_scratch_works(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        runaway = await scratch.connect()
        await runaway.execute("SET statement_timeout = 0")
        task = asyncio.create_task(runaway.execute("SELECT pg_sleep(86400)"))
        await until_running(postgres, scratch.name, "86400")
        await scratch.terminate()
        with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
            await task
        runaway.terminate()
        again = await scratch.connect()
        assert await again.fetchval("SELECT 1") == 1
        await again.close()


async def test_a_scratch_left_with_a_runaway_session_is_dropped_all_the_same(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        runaway = await scratch.connect()
        task = asyncio.create_task(runaway.execute("SET statement_timeout = 0; SELECT pg_sleep(86401)"))
        await until_running(postgres, scratch.name, "86401")
    with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
        await task
    runaway.terminate()
    admin = await postgres.connect("postgres")
    assert await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", scratch.name) == 0
    await admin.close()


async def test_a_guest_has_a_timeout_until_it_lifts_it(scratch: Scratch) -> None:
    session = await scratch.connect()
    assert await session.fetchval("SHOW statement_timeout") == "1min"
    await session.execute("SET statement_timeout = '20ms'")
    assert await attempt(session, "SELECT pg_sleep(86400)") == "57014"
    await session.close()
