"""Scratch databases: isolation, snapshots, roles, idle stop, and an operator's server in place of ours."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from engine_help import attempt

from backend.engines.postgres.binaries import find_binaries
from backend.engines.postgres.host import EngineError, PostgresHost, Scratch


async def run(scratch: Scratch, sql: str) -> None:
    """Run a script as the guest, in a session of its own."""
    session = await scratch.connect()
    try:
        await session.execute(sql)
    finally:
        await session.close()


async def value(scratch: Scratch, sql: str) -> object:
    session = await scratch.connect()
    try:
        return await session.fetchval(sql)
    finally:
        await session.close()


async def ours(host: PostgresHost, *roles: str) -> set[str]:
    """Databases and roles of ours that exist on the server, and those of ``roles`` that do."""
    admin = await host.connect("postgres")
    try:
        rows = await admin.fetch(
            r"SELECT datname FROM pg_database WHERE datname LIKE 'architect\_%' UNION ALL"
            r" SELECT rolname FROM pg_roles WHERE rolname LIKE 'architect\_%' OR rolname = ANY($1)",
            list(roles),
        )
        return {row[0] for row in rows}
    finally:
        await admin.close()


@pytest.fixture
async def host() -> AsyncIterator[PostgresHost]:
    """A server of the test's own, where it may count what is left."""
    own = PostgresHost()
    try:
        yield own
    finally:
        await own.aclose()


def test_the_module_of_the_host_does_not_import_the_driver() -> None:
    code = "import backend_architect, sys, backend.engines.postgres.host; sys.exit('asyncpg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


async def test_a_scratch_is_empty_usable_and_gone_afterwards(host: PostgresHost) -> None:
    async with host.scratch() as scratch:
        await run(
            scratch, "CREATE TABLE t (id int); CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TEMP TABLE x ()"
        )
        assert await value(scratch, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1
        assert (
            await value(
                scratch, "SELECT rolsuper OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user"
            )
            is False
        )
        assert await ours(host) == {scratch.name, scratch.guest}
    assert await ours(host) == set()


async def test_a_scratch_is_dropped_when_its_block_fails_or_is_cancelled(host: PostgresHost) -> None:
    with pytest.raises(ZeroDivisionError):
        async with host.scratch() as scratch:
            await run(scratch, "CREATE ROLE app; CREATE TABLE t (); GRANT ALL ON t TO app")
            raise ZeroDivisionError
    assert await ours(host, "app") == set()

    entered = asyncio.Event()

    async def forever() -> None:
        async with host.scratch():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    await entered.wait()
    assert await ours(host) != set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ours(host) == set()


async def test_a_snapshot_is_a_state_that_later_changes_do_not_reach(host: PostgresHost) -> None:
    async with host.scratch() as scratch:
        await run(
            scratch, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t"
        )
        lingering = await scratch.connect()
        name = await scratch.snapshot()
        assert await asyncio.wait_for(_closed(lingering), 30)
        await run(scratch, "INSERT INTO t VALUES (2)")
        async with host.scratch(name) as first, host.scratch(name) as second:
            assert first.guest == second.guest == scratch.guest
            await run(first, "ALTER TABLE t ADD c int; DROP VIEW v; DELETE FROM t; CREATE TABLE u ()")
            assert await value(second, "SELECT count(*) FROM v") == 1
            assert await value(scratch, "SELECT count(*) FROM v") == 2
            deeper = await first.snapshot()
            async with host.scratch(deeper) as third:
                assert await value(third, "SELECT count(c) FROM t") == 0
            await host.drop(deeper)
        await host.drop(name)
        await host.drop(name)
        with pytest.raises(EngineError, match="was dropped"):
            async with host.scratch(name):
                raise AssertionError
    assert await ours(host) == set()


async def _closed(session: asyncpg.Connection) -> bool:
    """Read until the server has ended the session."""
    try:
        while True:
            await session.execute("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
        session.terminate()
        return True


async def test_a_snapshot_outlives_its_scratch_with_its_guest(host: PostgresHost) -> None:
    async with host.scratch() as scratch:
        await run(scratch, "CREATE TABLE t AS SELECT 42 AS n")
        name = await scratch.snapshot()
    assert await ours(host) == {name, scratch.guest}
    async with host.scratch(name) as copy:
        assert await value(copy, "SELECT n FROM t") == 42
    await host.drop(name)
    assert await ours(host) == set()


async def test_many_scratches_and_snapshots_at_once_do_not_meet(host: PostgresHost) -> None:
    async def one(number: int) -> object:
        async with host.scratch() as scratch:
            await run(scratch, f"CREATE TABLE t AS SELECT {number} AS n")
            name = await scratch.snapshot()
            async with host.scratch(name) as copy:
                found = await value(copy, "SELECT n FROM t")
            await host.drop(name)
            return found

    assert await asyncio.gather(*(one(number) for number in range(8))) == list(range(8))
    assert await ours(host) == set()


async def test_the_server_starts_once_for_all_who_ask_at_the_same_time() -> None:
    host = PostgresHost()
    try:
        await asyncio.gather(*(host.start() for _ in range(5)))
        first = host.server
        await host.start()
        assert first is not None and host.server is first
    finally:
        await asyncio.gather(host.aclose(), host.aclose())
    await host.aclose()
    assert not first.folder.exists()


async def test_a_cancelled_start_leaves_no_server_behind() -> None:
    host = PostgresHost()
    task = asyncio.create_task(host.start())
    while host._administration._launching is None:
        await asyncio.sleep(0)
    launching = host._administration._launching
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await host.aclose()
    server = await launching
    assert server.process.poll() is not None
    assert not server.folder.exists()


async def test_a_server_that_died_is_replaced_and_its_databases_are_forgotten() -> None:
    host = PostgresHost()
    try:
        async with host.scratch() as lost:
            first = host.server
            assert first is not None
            first.process.kill()
            await asyncio.to_thread(first.process.wait)
        async with host.scratch() as scratch:
            assert await value(scratch, "SELECT 1") == 1
            assert host.server is not first
            with pytest.raises(EngineError, match="was dropped"):
                await lost.connect()
        assert not first.folder.exists()
    finally:
        await host.aclose()


async def test_the_server_stops_when_nobody_needs_it_and_starts_again() -> None:
    host = PostgresHost(idle_seconds=0.0)
    try:
        async with host.scratch() as scratch:
            name = await scratch.snapshot()
        first = host.server
        assert first is not None
        async with host.scratch(name) as copy:  # a snapshot kept it running
            assert await value(copy, "SELECT 1") == 1
        assert host.server is first
        await host.drop(name)
        assert await asyncio.to_thread(first.process.wait, 30) is not None
        async with host.scratch() as scratch:
            assert host.server is not first
            assert await value(scratch, "SELECT 1") == 1
    finally:
        await host.aclose()


# -- roles -----------------------------------------------------------------------------------------


async def test_a_migration_creates_a_role_grants_to_it_and_becomes_it(host: PostgresHost) -> None:
    async with host.scratch() as scratch:
        await run(
            scratch,
            "CREATE ROLE app LOGIN; CREATE ROLE reader; GRANT reader TO app; CREATE TABLE t (id int);"
            "GRANT SELECT ON t TO reader; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;"
            "GRANT USAGE, CREATE ON SCHEMA public TO app; ALTER TABLE t OWNER TO app;"
            "SET ROLE app; ALTER TABLE t ADD c int; RESET ROLE; ALTER ROLE app SET search_path = public",
        )
        assert {"app", "reader"} <= await ours(host, "app", "reader")
        name = await scratch.snapshot()
        async with host.scratch(name) as copy:
            await run(copy, "SET ROLE app; ALTER TABLE t DROP c")
        await host.drop(name)
    assert await ours(host, "app", "reader") == set()


async def test_a_role_of_another_scratch_can_be_adopted(host: PostgresHost) -> None:
    async with host.scratch() as first:
        await run(first, "CREATE ROLE app")
        async with host.scratch() as second:
            session = await second.connect()
            assert await attempt(session, "CREATE ROLE app") == "42710"
            assert await attempt(session, "SET ROLE app") == "42501"
            assert await second.adopt_role("app")
            assert await attempt(session, "SET ROLE app; RESET ROLE; CREATE TABLE t (); GRANT ALL ON t TO app") == ""
            for name in ("architect", first.guest, "pg_read_server_files", "nobody_of_that_name"):
                assert not await second.adopt_role(name)
            await session.close()
        assert "app" in await ours(host, "app")
        await run(first, "CREATE TABLE t (); GRANT ALL ON t TO app")
    assert await ours(host, "app") == set()


async def test_a_role_that_another_database_still_names_is_dropped_with_that_database(host: PostgresHost) -> None:
    async with host.scratch() as second:
        async with host.scratch() as first:
            await run(first, "CREATE ROLE shared")
            await run(second, "CREATE TABLE t (); GRANT SELECT ON t TO shared")
        assert "shared" in await ours(host, "shared")
    assert await ours(host, "shared") == set()


async def test_settings_and_password_that_a_script_gave_its_guest_do_not_outlive_it(host: PostgresHost) -> None:
    async with host.scratch() as scratch:
        await run(scratch, "ALTER ROLE CURRENT_USER SET search_path = nowhere; ALTER ROLE CURRENT_USER PASSWORD 'mine'")
        assert await value(scratch, "SHOW search_path") == "nowhere"
        name = await scratch.snapshot()
        async with host.scratch(name) as copy:
            assert await value(copy, "SHOW search_path") == '"$user", public'
            assert await value(copy, "SHOW statement_timeout") == "1min"
        await host.drop(name)


# -- every PostgreSQL at hand ----------------------------------------------------------------------

INSTALLATIONS = [find_binaries().bindir, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]


@pytest.mark.parametrize("bindir", INSTALLATIONS, ids=lambda bindir: bindir.parent.name)
async def test_every_installation_of_this_machine_serves_scratches_and_snapshots(bindir: Path) -> None:
    host = PostgresHost(bindir)
    try:
        async with host.scratch() as scratch:
            assert host.version >= 14
            await run(scratch, "CREATE TABLE t AS SELECT 5 AS n; CREATE EXTENSION hstore")
            session = await scratch.connect()
            assert await attempt(session, "SELECT pg_read_file('/etc/passwd')") == "42501"
            assert await attempt(session, "GRANT pg_read_server_files TO CURRENT_USER") == "42501"
            await session.close()
            name = await scratch.snapshot()
            async with host.scratch(name) as copy:
                assert await value(copy, "SELECT n FROM t") == 5
            await host.drop(name)
        assert await ours(host) == set()
    finally:
        await host.aclose()


# -- psql and pg_dump ------------------------------------------------------------------------------


async def test_the_real_psql_and_pg_dump_work_on_a_scratch(postgres: PostgresHost, scratch: Scratch) -> None:
    psql, environment, arguments = postgres.psql_env(scratch)
    made = subprocess.run(
        [str(psql), *arguments, "-v", "ON_ERROR_STOP=1"],
        input="CREATE TABLE t (id int);\n\\d t\nSELECT current_user;\n",
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert scratch.guest in made.stdout
    dumped = subprocess.run(
        [str(psql.with_name("pg_dump")), "-s"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert "CREATE TABLE public.t" in dumped.stdout


# -- an operator's server --------------------------------------------------------------------------


@dataclass
class Operated:
    """A server that stands for an operator's: its owner's host, and the address of a limited role on it."""

    owner: PostgresHost
    url: str


@pytest.fixture
async def operated(host: PostgresHost) -> AsyncIterator[Operated]:
    await host.start()
    assert host.server is not None
    admin = await host.connect("postgres")
    await admin.execute(
        "CREATE ROLE operator LOGIN CREATEDB CREATEROLE PASSWORD 'word'; GRANT CONNECT ON DATABASE postgres TO operator"
    )
    try:
        yield Operated(host, f"postgresql://operator:word@/postgres?host={host.server.socket_dir}")
    finally:
        await admin.close()


async def test_an_operators_server_takes_the_place_of_ours_and_nothing_stays_there(operated: Operated) -> None:
    guest = PostgresHost(url=operated.url)
    try:
        async with guest.scratch() as scratch:
            assert guest.server is None
            await run(scratch, "CREATE TABLE t AS SELECT 7 AS n; CREATE SCHEMA s")
            name = await scratch.snapshot()
            async with guest.scratch(name) as copy:
                assert await value(copy, "SELECT n FROM t") == 7
                session = await copy.connect()
                assert await attempt(session, "CREATE ROLE app") == "42501"
                assert await attempt(session, "CREATE DATABASE more") == "42501"
                assert await attempt(session, "SET ROLE operator") == "42501"
                await copy.terminate()
                session.terminate()
            assert len(await ours(operated.owner)) == 3
    finally:
        await guest.aclose()  # the snapshot was left to it
    assert await ours(operated.owner) == set()


@pytest.mark.parametrize("missing", ["CREATEDB", "CREATEROLE"])
async def test_an_operators_role_without_the_rights_is_told_which_ones_are_needed(
    operated: Operated, missing: str
) -> None:
    admin = await operated.owner.connect("postgres")
    await admin.execute(f"ALTER ROLE operator NO{missing}")
    await admin.close()
    host = PostgresHost(url=operated.url)
    try:
        with pytest.raises(EngineError, match='ALTER ROLE "operator" CREATEDB CREATEROLE'):
            await host.start()
    finally:
        await host.aclose()


async def test_an_operators_server_that_does_not_answer_is_an_error_without_its_password() -> None:
    host = PostgresHost(url="postgresql://someone:hunter2@127.0.0.1:9/postgres")
    with pytest.raises(EngineError, match="refused a connection") as caught:
        await host.start()
    assert "hunter2" not in str(caught.value)
    await host.aclose()
