"""Starting servers: as root and not, with programs out of reach, side by side, and what is left when killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_help import listening_ports, python, wait_for_exit, watched

from backend.engines.postgres.account import Account, server_account
from backend.engines.postgres.binaries import (
    Binaries,
    EngineError,
    copy_within_reach,
    find_binaries,
    reachable_by,
)
from backend.engines.postgres.folders import PREFIX, SOCKET_PATH_LIMIT, private_folder, sweep
from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.launcher import launch

LATER = 3600.0

CHILD = """
import asyncio, os, sys
import backend_architect
from pathlib import Path
from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.folders import private_folder

async def cycle(binaries):
    host = PostgresHost(binaries)
    await host.start()
    async with host.scratch() as scratch:
        session = await scratch.connect()
        await session.execute('CREATE EXTENSION pgcrypto; CREATE TABLE t (id uuid DEFAULT gen_random_uuid())')
        await session.close()
        async with host.scratch(await scratch.snapshot()) as copy:
            session = await copy.connect()
            await session.execute('INSERT INTO t DEFAULT VALUES')
            await session.close()
    return host

async def main():
    binaries, uid = Path(sys.argv[1]), int(sys.argv[2])
    if uid:
        await (await cycle(binaries)).aclose()   # imports everything while the interpreter can be reached
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    host = await cycle(binaries)
    server = host.server
    print(server.folder, server.process.pid, server.watchdog.pid, os.getuid(), flush=True)
    sys.stdin.readline()
    await host.aclose()

asyncio.run(main())
"""


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder near the root that every account can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="engines-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def within_reach(folder: Path) -> Binaries:
    """The programs, or a copy of them in ``folder`` that an unprivileged account can run."""
    found, account = find_binaries(), server_account()
    if reachable_by(found.bindir / "postgres", account.uid, account.gid):
        return found
    return copy_within_reach(found, folder / "programs")


def owner(path: Path) -> int:
    return path.stat().st_uid


async def test_the_server_runs_without_privileges_in_a_folder_nobody_else_enters(postgres: PostgresHost) -> None:
    await postgres.start()
    assert postgres.server is not None
    assert stat.S_IMODE(postgres.server.folder.stat().st_mode) == 0o700
    assert owner(postgres.server.data / "postmaster.pid") == server_account().uid != 0
    assert not (postgres.server.folder / "secret").exists()
    assert len(os.fsencode(postgres.server.socket_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT


async def test_no_tcp_port_is_open(postgres: PostgresHost) -> None:
    await postgres.start()
    assert postgres.server is not None
    assert listening_ports(postgres.server.process.pid) == set()
    with socket.socket() as twin:
        twin.bind(("127.0.0.1", 0))
        twin.listen()
        assert twin.getsockname()[1] in listening_ports(os.getpid())


def test_an_unprivileged_user_starts_and_stops_a_server(shared_folder: Path) -> None:
    uid = server_account().uid if os.geteuid() == 0 else 0
    with python(CHILD, within_reach(shared_folder).bindir, uid) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, child.stderr.read() if child.stderr else ""
        folder, server, _, ran_as = line.split()
        assert int(ran_as) == owner(Path(folder)) == (uid or os.geteuid()) != 0
        with watched(int(server)) as process:
            _, errors = child.communicate("\n", timeout=60)
            assert wait_for_exit(process)
        assert (child.returncode, errors) == (0, "")
        assert not Path(folder).exists()


def test_killing_the_parent_stops_the_server_and_removes_its_folder() -> None:
    with python(CHILD, find_binaries().bindir, 0) as child:
        assert child.stdout is not None
        folder, server, watchdog, _ = child.stdout.readline().split()
        with watched(int(server)) as process, watched(int(watchdog)) as guard:
            assert not wait_for_exit(process, 0)
            assert Path(folder).is_dir()
            child.kill()
            assert wait_for_exit(process)
            assert wait_for_exit(guard)
        assert not Path(folder).exists()


def test_a_server_that_lost_parent_and_watchdog_is_swept_by_the_next_start() -> None:
    with python(CHILD, find_binaries().bindir, 0) as child:
        assert child.stdout is not None
        folder, server, watchdog, _ = child.stdout.readline().split()
        parent, account = Path(folder).parent, server_account()
        with watched(int(server)) as process, watched(int(watchdog)) as guard:
            assert Path(folder) not in sweep(account, parent, now=time.time() + LATER)  # its owner lives
            os.kill(int(watchdog), signal.SIGKILL)
            assert wait_for_exit(guard)
            child.kill()
            child.wait()
            assert not wait_for_exit(process, 0)
            assert Path(folder) not in sweep(account, parent)  # too young to tell
            assert Path(folder) in sweep(account, parent, now=time.time() + LATER)
            assert wait_for_exit(process)
        assert not Path(folder).exists()


def test_sweeping_leaves_living_owners_links_and_other_peoples_folders_alone(shared_folder: Path) -> None:
    account = Account(os.geteuid(), os.getegid(), switch=False)
    held, left = private_folder(account, shared_folder), private_folder(account, shared_folder)
    left.release()
    target = shared_folder / "precious"
    target.mkdir()
    (shared_folder / f"{PREFIX}link").symlink_to(target)
    (shared_folder / "something-else").mkdir()
    assert sweep(account, shared_folder) == []
    assert sweep(account, shared_folder, now=time.time() + LATER) == [left.path]
    assert {path.name for path in shared_folder.iterdir()} == {
        held.path.name, "precious", f"{PREFIX}link", "something-else",
    }  # fmt: skip
    held.remove()


def test_two_servers_side_by_side_do_not_touch_each_other() -> None:
    first, second = launch(find_binaries()), launch(find_binaries())
    try:
        assert first.folder != second.folder
        assert first.password != second.password
        first.stop()
        assert not first.folder.exists()
        with watched(second.process.pid) as process:
            assert not wait_for_exit(process, 0)
        assert second.data.is_dir()
    finally:
        first.stop()
        second.stop()


async def test_programs_that_only_we_can_reach_are_copied_to_where_the_server_can(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    copied = copy_within_reach(find_binaries(), closed)
    account = server_account()
    assert reachable_by(copied.bindir / "postgres", account.uid, account.gid) is not account.switch
    host = PostgresHost(copied.bindir)
    try:
        async with host.scratch() as scratch:
            session = await scratch.connect()
            assert await session.fetchval("SELECT 1") == 1
            await session.execute("CREATE EXTENSION citext; CREATE EXTENSION pgcrypto")
            await session.close()
            psql, _, _ = host.psql_env(scratch)
        assert host.server is not None
        places = [folder.path for folder in host.server.folders]
        assert psql.is_relative_to(places[1] if account.switch else closed)
        if account.switch:
            assert owner(psql) == os.geteuid()  # the server's account cannot change what it runs
            assert stat.S_IMODE(psql.stat().st_mode) & 0o022 == 0
    finally:
        await host.aclose()
    assert not any(place.exists() for place in places)


@pytest.mark.parametrize(("mode", "reachable"), [(0o700, False), (0o711, True), (0o755, True), (0o750, False)])
def test_one_closed_ancestor_is_enough_to_be_out_of_reach(shared_folder: Path, mode: int, reachable: bool) -> None:
    program = shared_folder / "a" / "b" / "program"
    program.parent.mkdir(parents=True)
    program.touch()
    program.chmod(0o755)
    (shared_folder / "a").chmod(mode)
    stranger = os.geteuid() + 4242
    assert reachable_by(program, stranger, stranger) is reachable
    assert reachable_by(program, os.geteuid(), os.getegid())


def test_a_folder_too_deep_for_a_socket_is_not_used(shared_folder: Path) -> None:
    deep = shared_folder / ("d" * 60)
    deep.mkdir()
    folder = private_folder(Account(os.geteuid(), os.getegid(), switch=False), deep)
    try:
        assert folder.path.parent == Path("/tmp")
    finally:
        folder.remove()


def failing(folder: Path, program: str, when: str, words: str) -> Binaries:
    """A copy of the programs of which one says ``words`` and fails where its arguments match ``when``."""
    real = copy_within_reach(find_binaries(), folder / "real")
    copied = copy_within_reach(find_binaries(), folder / "failing")
    (copied.bindir / program).write_text(
        f'#!/bin/sh\ncase "$*" in {when}) echo "{words}" >&2; exit 1;; *) exec {real.bindir / program} "$@";; esac\n'
    )
    return copied


@pytest.mark.parametrize(
    ("program", "when", "words", "message"),
    [
        ("initdb", "*", "no space left", "initdb failed: no space left.*free space.*doctor"),
        ("postgres", '*"-k /"*', "no shared memory", "did not start: no shared memory.*doctor"),
    ],
)
def test_a_failed_start_says_why_and_leaves_nothing(
    shared_folder: Path, program: str, when: str, words: str, message: str
) -> None:
    copied = failing(shared_folder, program, when, words)
    with pytest.raises(EngineError, match=message):
        launch(copied, parent=shared_folder)
    assert {path.name for path in shared_folder.iterdir()} == {"real", "failing"}
    launch(find_binaries(), parent=shared_folder).stop()
    assert {path.name for path in shared_folder.iterdir()} == {"real", "failing"}


def test_stopping_twice_is_harmless_even_after_the_server_died() -> None:
    server = launch(find_binaries())
    server.process.kill()
    server.stop()
    server.stop()
    assert not server.folder.exists()


def test_the_log_is_bounded_and_the_memory_too() -> None:
    server = launch(find_binaries(), memory_limit=2 * 1024**3)
    try:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
        bounds = {line[:25].strip(): line[26:].split()[0] for line in limits}
        assert int(bounds["Max address space"]) == 2 * 1024**3
        assert 1024**3 < int(bounds["Max file size"]) < 3 * 1024**3
        assert bounds["Max core file size"] == "0"
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.stop()
