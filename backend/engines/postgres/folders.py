"""Private folders for servers: where they lie, who owns them, and sweeping those of dead owners."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backend.engines.postgres.account import Account

PREFIX = "backend-architect-"
ROOM_NEEDED = 1024**3
SOCKET_PATH_LIMIT = 107
"""Bytes of ``sun_path`` in ``struct sockaddr_un`` less the closing NUL (unix(7))."""
SETTLING_SECONDS = 60.0
"""A folder younger than this is left alone: its owner may not hold its lock yet."""


@dataclass
class PrivateFolder:
    """A folder of mode 0700 that we hold a lock on for as long as we live.

    The lock is the kernel's (``flock``), so it ends with us however we end, and no process id that was
    given to somebody else can pass for a living owner.
    """

    path: Path
    _lock: int = field(repr=False)

    def release(self) -> None:
        """Give the lock up; the folder itself stays. A second call does nothing."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()


def private_folder(account: Account, parent: Path | None = None) -> PrivateFolder:
    """A fresh folder that only ``account`` (and root) can enter.

    Args:
        account: whom it belongs to.
        parent: where to make it; by default tmpfs where it has room, else the temporary folder. Where
            a socket's path would be too long for the kernel, ``/tmp`` is taken instead.
    """
    place = parent or roomy_parent()
    name_length = len(f"/{PREFIX}12345678/.s.PGSQL.5432")
    if len(os.fsencode(place)) + name_length > SOCKET_PATH_LIMIT:
        place = Path("/tmp")
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if account.switch:
        os.chown(path, account.uid, account.gid)
    return PrivateFolder(path, lock)


@contextlib.contextmanager
def held_folder() -> Iterator[Path]:
    """A temporary folder for the length of the block, in which sweeps of other processes leave it alone."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        lock = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(lock)


def roomy_parent() -> Path:
    """tmpfs where it can be written and has room, else the temporary folder."""
    shared_memory = Path("/dev/shm")
    if shared_memory.is_dir() and os.access(shared_memory, os.W_OK | os.X_OK):
        room = os.statvfs(shared_memory)
        if room.f_bavail * room.f_frsize >= ROOM_NEEDED:
            return shared_memory
    return Path(tempfile.gettempdir())


def sweep(account: Account, parent: Path, *, now: float | None = None) -> list[Path]:
    """Remove what dead processes left in ``parent``, and stop servers that outlived their owner.

    The watchdog does this for every server whose owner died; what is left to sweep is where the
    watchdog was killed too.

    Args:
        account: only folders that belong to it, or to us, are touched.
        parent: the folder to look in.
        now: the present time in seconds since the epoch.

    Returns:
        The folders that were removed.
    """
    moment = time.time() if now is None else now
    removed = []
    for path in sorted(parent.glob(f"{PREFIX}*")):
        if _is_ours(path, account, moment) and (lock := _lock_of_the_dead(path)) is not None:
            _stop_server_in(path, account)
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)
            removed.append(path)
    return removed


def _is_ours(path: Path, account: Account, now: float) -> bool:
    """Whether it is a settled folder (no link) of our own or of the server's account."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return (
            stat.S_ISDIR(status.st_mode)
            and status.st_uid in (os.geteuid(), account.uid)
            and now - status.st_ctime > SETTLING_SECONDS
        )
    return False


def _lock_of_the_dead(path: Path) -> int | None:
    """The folder's lock, if nobody living holds it."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _stop_server_in(path: Path, account: Account) -> None:
    """Kill the server whose data lies in ``path``: only a process of that account that works there."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((path / "data" / "postmaster.pid").read_text().splitlines()[0])
        process = Path(f"/proc/{pid}")
        if process.stat().st_uid == account.uid and (process / "cwd").resolve().is_relative_to(path):
            os.kill(pid, signal.SIGQUIT)  # immediate shutdown (manual, 18.5)
