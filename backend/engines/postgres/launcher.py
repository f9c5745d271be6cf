"""Launching a private PostgreSQL: its own folder, a unix socket and nothing else.

The server dies with us, however we die: a watchdog holds the other end of a pipe, and when that pipe
closes it stops the server and removes the folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from backend.engines.postgres.account import Account, server_account
from backend.engines.postgres.binaries import Binaries, EngineError, copy_within_reach, reachable_by

ADMIN = "architect"
PREFIX = "backend-architect-"
ROOM_NEEDED = 1024**3
SOCKET_PATH_LIMIT = 107
"""Bytes of ``sun_path`` in ``struct sockaddr_un`` less the closing NUL (unix(7))."""

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

WATCHDOG = """
read -r line
if [ "$line" != stopped ]; then
  kill -QUIT "$1" 2>/dev/null
  tries=0
  while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
fi
rm -rf "$2" "$3"
"""


@dataclass
class RunningServer:
    """A server we started. ``stop`` may be called twice."""

    version: int
    binaries: Binaries
    socket_dir: Path
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)
    watchdog: subprocess.Popen[bytes] = field(repr=False)
    folder: Path
    log: Path
    initdb_seconds: float
    start_seconds: float

    def stop(self) -> None:
        """Stop at once (the data is thrown away), and wait for the folder to be removed."""
        if self.process.poll() is None:
            self.process.send_signal(3)  # SIGQUIT: immediate shutdown (manual, 18.5)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.watchdog.stdin is not None and not self.watchdog.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.watchdog.stdin.write(b"stopped\n")
                self.watchdog.stdin.flush()
            self.watchdog.stdin.close()
            self.watchdog.wait(timeout=30)


def launch(binaries: Binaries, *, parent: Path | None = None) -> RunningServer:
    """Initialise and start a server in a fresh private folder.

    Args:
        binaries: what to run.
        parent: where to make the folder; by default tmpfs where it has room, else the temporary folder.

    Raises:
        EngineError: initdb or the server failed; the message ends with their last words.
    """
    account = server_account()
    folder = _private_folder(parent or _roomy_parent(), account)
    copy = folder
    try:
        if account.switch and not reachable_by(binaries.bindir / "postgres", account.uid, account.gid):
            # tmpfs may forbid execution, so a copy of the programs goes to the temporary folder.
            copy = Path(tempfile.mkdtemp(prefix=PREFIX))
            copy.chmod(0o755)
            binaries = copy_within_reach(binaries, copy / "programs")
        return _start(binaries, account, folder, copy)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(copy, ignore_errors=True)
        raise


def _start(binaries: Binaries, account: Account, folder: Path, copy: Path) -> RunningServer:
    password = secrets.token_urlsafe(24)
    began = time.perf_counter()
    _initdb(binaries, account, folder, password)
    initialised = time.perf_counter()
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binaries.bindir / "postgres", "-D", folder / "data", "-k", folder],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            **account.popen_options(),
        )
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, "watchdog", str(process.pid), str(folder), str(copy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    server = RunningServer(
        version=binaries.version,
        binaries=binaries,
        socket_dir=folder,
        password=password,
        process=process,
        watchdog=watchdog,
        folder=folder,
        log=log,
        initdb_seconds=initialised - began,
        start_seconds=0.0,
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
    secret.write_text(password)
    if account.switch:
        os.chown(secret, account.uid, account.gid)
    secret.chmod(0o600)
    settings = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    command: list[str | Path] = [
        binaries.bindir / "initdb", "-D", folder / "data", "-U", ADMIN, "-E", "UTF8", "--locale=C",
        "--no-sync", "--no-instructions", "--auth-local=scram-sha-256", "--auth-host=reject",
        f"--pwfile={secret}",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        timeout=120,
        check=False,
        **account.popen_options(),
    )
    secret.unlink()
    if done.returncode:
        raise EngineError(
            f"initdb failed: {done.stderr.strip()[-600:]}. Check the free space of {folder.parent}"
            " or run `backend-architect doctor`"
        )
    with (folder / "data" / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(settings)


def _wait_until_ready(server: RunningServer, seconds: float = 60.0) -> None:
    """Wait for the server to write ``ready`` into its pid file (the eighth line, as pg_ctl does)."""
    pid_file = server.folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise EngineError(
                f"PostgreSQL did not start: {_tail(server.log)}. Run `backend-architect doctor`"
            )
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


def _roomy_parent() -> Path:
    """tmpfs where it can be written and has room, else the temporary folder."""
    shared_memory = Path("/dev/shm")
    if shared_memory.is_dir() and os.access(shared_memory, os.W_OK):
        room = os.statvfs(shared_memory)
        if room.f_bavail * room.f_frsize >= ROOM_NEEDED:
            return shared_memory
    return Path(tempfile.gettempdir())


def _private_folder(parent: Path, account: Account) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    folder.chmod(0o700)
    if account.switch:
        os.chown(folder, account.uid, account.gid)
    return folder
