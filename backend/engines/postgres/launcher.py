"""Launching a private PostgreSQL: its own folder, a unix socket and nothing else.

The server dies with us, however we die: a watchdog holds the other end of a pipe, and when that pipe
closes it stops the server and removes the folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from backend.engines.postgres.account import Account, server_account
from backend.engines.postgres.binaries import Binaries, EngineError, copy_within_reach, reachable_by
from backend.engines.postgres.extensions import install_extensions
from backend.engines.postgres.folders import PrivateFolder, private_folder, roomy_parent, sweep

ADMIN = "architect"
MEMORY_LIMIT = 3 * 1024**3
"""Bytes of address space of one server process: beyond it a session fails with "out of memory", and only it."""

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_parallel_maintenance_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "60",
    "max_wal_senders": "0",
    "wal_level": "replica",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "30min",
    "temp_file_limit": "2GB",
    "log_lock_waits": "on",
    "log_min_messages": "warning",
    "logging_collector": "off",
    "password_encryption": "scram-sha-256",
    "max_prepared_transactions": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""What makes a throw-away server quick and its observations complete. Parallel workers are off because
their tuple counts do not reach ``pg_stat_xact_user_tables``; autovacuum is off so that nothing but the
script touches a table."""

FEW_ITERATIONS_SINCE = 16
FEW_ITERATIONS = "scram_iterations=1"
"""Iterations slow down guessing; our passwords are 144 random bits and more, and connecting should be quick."""
CHECKSUMS_BY_DEFAULT_SINCE = 18
NO_CHECKSUMS = "--no-data-checksums"
"""The statistics lab writes pages of its own into its files; what never outlives a session needs no checksums."""
FILE_BLOCKS = 2_200_000
"""512-byte blocks of one file: more than a table's segment of 1 GiB, so it bounds only the log."""

LIMITED = 'ulimit -c 0; ulimit -f "$2"; ulimit -v "$1" 2>/dev/null; shift 2; exec "$@"'
"""Starts a program within a bound on memory, where the system has one (macOS does not)."""

WATCHDOG = """
read -r line
if [ "$line" != stopped ]; then
  kill -QUIT "$1" 2>/dev/null
  tries=0
  while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
fi
shift
rm -rf "$@"
"""


@dataclass
class RunningServer:
    """A server we started. ``stop`` may be called twice."""

    binaries: Binaries
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)
    watchdog: subprocess.Popen[bytes] = field(repr=False)
    folders: list[PrivateFolder] = field(repr=False)
    stand_ins: frozenset[str]
    """Extensions that are plain SQL stand-ins of ours."""
    initdb_seconds: float
    start_seconds: float = 0.0

    @property
    def version(self) -> int:
        """PostgreSQL's major version."""
        return self.binaries.version

    @property
    def folder(self) -> Path:
        """Everything this server writes lies in it."""
        return self.folders[0].path

    @property
    def socket_dir(self) -> Path:
        """The folder of the unix socket: what ``host`` is in a connection's address."""
        return self.folder

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "server.log"

    def stop(self) -> None:
        """Stop at once (the data is thrown away), and wait for the folder to be removed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # immediate shutdown (manual, 18.5)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.watchdog.stdin is not None and not self.watchdog.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.watchdog.stdin.write(b"stopped\n")
                self.watchdog.stdin.flush()
            with contextlib.suppress(BrokenPipeError):
                self.watchdog.stdin.close()
            self.watchdog.wait(timeout=30)
        for folder in self.folders:
            folder.remove()


def launch(binaries: Binaries, *, parent: Path | None = None, memory_limit: int = MEMORY_LIMIT) -> RunningServer:
    """Initialise and start a server in a fresh private folder.

    Args:
        binaries: what to run.
        parent: where to make the folder; by default tmpfs where it has room, else the temporary folder.
        memory_limit: bytes of address space that each of the server's processes may have.

    Raises:
        EngineError: initdb or the server failed; the message ends with their last words.
    """
    account = server_account()
    folders = [private_folder(account, parent)]
    try:
        if account.switch and not reachable_by(binaries.bindir / "postgres", account.uid, account.gid):
            folders.append(_folder_for_programs(account))
            binaries = copy_within_reach(binaries, folders[-1].path / "programs")
        server = _start(binaries, account, folders, memory_limit)
    except BaseException:
        for folder in folders:
            folder.remove()
        raise
    for place in {parent or roomy_parent(), Path(tempfile.gettempdir())}:
        sweep(account, place)
    return server


def _folder_for_programs(account: Account) -> PrivateFolder:
    """A folder whose files ``account`` may run and only we may change.

    Raises:
        EngineError: every temporary folder forbids execution or is closed to that account.
    """
    for place in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp"), roomy_parent()):
        if not place.is_dir() or os.statvfs(place).f_flag & os.ST_NOEXEC:
            continue
        if reachable_by(place, account.uid, account.gid):
            folder = private_folder(Account(os.geteuid(), os.getegid(), switch=False), place)
            folder.path.chmod(0o755)
            return folder
    raise EngineError(
        "the account PostgreSQL runs as cannot reach its programs, and no temporary folder lets them be run;"
        " set TMPDIR to a folder that everybody may enter and that is not mounted noexec"
    )


def _start(binaries: Binaries, account: Account, folders: list[PrivateFolder], memory_limit: int) -> RunningServer:
    folder = folders[0].path
    password = secrets.token_urlsafe(24)
    began = time.perf_counter()
    _initdb(binaries, account, folder, password)
    stand_ins = _configure(binaries, folder, account)
    initialised = time.perf_counter()
    command: list[str | Path] = [binaries.bindir / "postgres", "-D", folder / "data", "-k", folder]
    with (folder / "server.log").open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", LIMITED, "server", str(memory_limit // 1024), str(FILE_BLOCKS), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=ENVIRONMENT,
            start_new_session=True,
            **account.popen_options(),
        )
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, "watchdog", str(process.pid), *(str(each.path) for each in folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    server = RunningServer(
        binaries, password, process, watchdog, folders, stand_ins, initdb_seconds=initialised - began
    )
    try:
        _wait_until_ready(server)
    except BaseException:
        server.stop()
        raise
    server.start_seconds = time.perf_counter() - initialised
    return server


def _initdb(binaries: Binaries, account: Account, folder: Path, password: str) -> None:
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account.switch:
        os.chown(secret, account.uid, account.gid)
    command: list[str | Path] = [
        binaries.bindir / "initdb", "-D", folder / "data", "-U", ADMIN, "-E", "UTF8", "--locale=C",
        "--no-sync", "--no-instructions", "--auth-local=scram-sha-256", "--auth-host=reject",
        f"--pwfile={secret}",
    ]  # fmt: skip
    if binaries.version >= FEW_ITERATIONS_SINCE:
        command += ["-c", FEW_ITERATIONS]
    if binaries.version >= CHECKSUMS_BY_DEFAULT_SINCE:
        command.append(NO_CHECKSUMS)
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=folder,
            env=ENVIRONMENT,
            timeout=120,
            check=True,
            **account.popen_options(),
        )
    except subprocess.CalledProcessError as failure:
        words = (failure.stderr or failure.stdout).strip()[-600:]
        raise _initdb_failed(words, folder) from failure
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise _initdb_failed(str(failure), folder) from failure
    finally:
        secret.unlink()


def _initdb_failed(words: str, folder: Path) -> EngineError:
    return EngineError(
        f"initdb failed: {words}. Check the free space of {folder.parent} or run `backend-architect doctor`"
    )


def _configure(binaries: Binaries, folder: Path, account: Account) -> frozenset[str]:
    """Write the settings and our extensions; return which of those are stand-ins."""
    extensions = folder / "extensions"
    extensions.mkdir()
    path, stand_ins = install_extensions(extensions, binaries)
    settings = SETTINGS | ({"extension_control_path": path} if path else {})
    with (folder / "data" / "postgresql.auto.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    if account.switch:
        for item in [extensions, *extensions.rglob("*")]:
            os.chown(item, account.uid, account.gid)
    return stand_ins


def _wait_until_ready(server: RunningServer, seconds: float = 60.0) -> None:
    """Wait for the server to write ``ready`` into its pid file (the eighth line, as pg_ctl does)."""
    pid_file = server.data / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise EngineError(f"PostgreSQL did not start: {_tail(server.log)}. Run `backend-architect doctor`")
        with contextlib.suppress(OSError):
            lines = pid_file.read_text().splitlines()
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
        time.sleep(0.005)
    raise EngineError(f"PostgreSQL was not ready after {seconds:g} s: {_tail(server.log)}")


def _tail(log: Path, characters: int = 600) -> str:
    with contextlib.suppress(OSError):
        return log.read_text(errors="replace").strip()[-characters:]
    return "it left no log"
