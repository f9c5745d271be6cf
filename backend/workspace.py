"""The folder that tools may read and write; nothing outside it is ever touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_FILES = 5_000
MAX_TREE_BYTES = 64 * 1024 * 1024
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv"})
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class WorkspaceError(ValueError):
    """A path or file that the workspace refuses; the text says what to do instead."""


@dataclass(frozen=True)
class Workspace:
    """A folder by its real path. Symlinks are followed before they are judged."""

    root: Path
    read_only: bool = False

    @classmethod
    def at(cls, folder: str | Path, *, read_only: bool = False) -> Workspace:
        """Open ``folder``.

        Raises:
            WorkspaceError: it is not a folder.
        """
        root = Path(folder).expanduser().resolve()
        if not root.is_dir():
            raise WorkspaceError(f"workspace {folder!s} is not a folder; name an existing one")
        return cls(root, read_only)

    def resolve(self, path: str | Path) -> Path:
        """The real path of ``path`` (relative ones count from the root).

        Raises:
            WorkspaceError: it lies outside the workspace, or cannot be a path at all.
        """
        if "\0" in str(path):
            raise WorkspaceError("a path cannot contain a NUL character")
        try:
            real = (self.root / Path(path)).resolve()
            if real.is_relative_to(self.root):
                real.exists()  # names too long are found out only by looking
                return real
        except (OSError, RuntimeError, UnicodeError) as error:  # or a loop of links, or half a character
            raise WorkspaceError(f"{str(path)[:200]!r} cannot be a path: {_reason(error)}") from None
        raise WorkspaceError(f"{path} is outside the workspace; give a path inside it")

    def existing(self, path: str | Path) -> Path:
        """Like :meth:`resolve`, for a path that must exist."""
        real = self.resolve(path)
        if not real.exists():
            raise WorkspaceError(f"{path} does not exist in the workspace")
        return real

    def relative(self, path: Path) -> str:
        """``path`` as users know it: relative to the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def read_text(self, path: str | Path, *, limit: int = MAX_FILE_BYTES) -> str:
        """The text of a file, UTF-8 (a byte-order mark is dropped), lines ending in ``\\n``.

        Raises:
            WorkspaceError: outside the workspace, missing, not a regular file, over ``limit`` bytes,
                not UTF-8, or holding NUL.
        """
        return decode(read_regular(self.existing(path), str(path), limit), str(path))

    def files_under(
        self,
        folder: str | Path,
        suffixes: Collection[str],
        *,
        max_files: int = MAX_FILES,
        max_bytes: int = MAX_TREE_BYTES,
    ) -> dict[str, str]:
        """The texts of all files below ``folder`` with one of ``suffixes``, by path relative to it, sorted.

        Hidden folders and those of package managers are passed over.

        Raises:
            WorkspaceError: a limit was reached, a link leads out of the workspace, or a file is not text.
        """
        top = self.existing(folder)
        if not top.is_dir():
            raise WorkspaceError(f"{folder} is not a folder")
        found: dict[str, str] = {}
        total = 0
        for path in sorted(_walk(top)):
            if path.suffix.lower() not in suffixes:
                continue
            if len(found) >= max_files:
                raise WorkspaceError(f"{folder} holds over {max_files:,} files; name a folder further down")
            name = self.relative(path)
            raw = read_regular(self.existing(path), name, MAX_FILE_BYTES)
            total += len(raw)
            if total > max_bytes:
                raise WorkspaceError(f"{folder} holds over {max_bytes:,} bytes; name a folder further down")
            found[path.relative_to(top).as_posix()] = decode(raw, name)
        return found

    def write_text(self, path: str | Path, text: str) -> Path:
        """Write a file inside the workspace, making its folders.

        Raises:
            WorkspaceError: outside the workspace, or the server was started with ``--read-only``.
        """
        if self.read_only:
            raise WorkspaceError("the workspace is read-only; start without --read-only to write files")
        real = self.resolve(path)
        try:
            raw = text.encode()
            real.parent.mkdir(parents=True, exist_ok=True)
            # Opened without waiting or cutting, so that a pipe or device is seen before anything happens to it.
            descriptor = os.open(real, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        except (OSError, RecursionError, UnicodeError) as error:
            raise WorkspaceError(f"{path} cannot be written: {_reason(error)}") from None
        with _regular(descriptor, "wb", str(path)) as file:
            file.truncate()
            file.write(raw)
        return real


def _reason(error: Exception) -> str:
    """Why, without the path that the error itself would repeat in full."""
    return (error.strerror if isinstance(error, OSError) else None) or "it leads nowhere"


def _regular(descriptor: int, mode: str, name: str) -> IO[bytes]:
    """The open file, once it is known to be one."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise WorkspaceError(f"{name} is not a regular file")
    return cast(IO[bytes], os.fdopen(descriptor, mode))


def _walk(folder: Path) -> Iterator[Path]:
    """Files below ``folder``; links to folders are not followed, so that no loop is entered."""
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError as error:
            raise WorkspaceError(f"a folder cannot be listed: {_reason(error)}") from None
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)
            elif not entry.name.startswith(".") and entry.name not in SKIPPED_FOLDERS:
                waiting.append(Path(entry.path))


def read_regular(real: Path, name: str, limit: int) -> bytes:
    """The bytes of a regular file; its last step must not be a link, nor anything one could wait on.

    Raises:
        WorkspaceError: it cannot be opened, is no regular file, or has over ``limit`` bytes.
    """
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise WorkspaceError(f"{name} cannot be opened: {error.strerror}") from None
    with _regular(descriptor, "rb", name) as file:
        status = os.fstat(file.fileno())
        raw = file.read(limit + 1) if status.st_size <= limit else b""
        if max(status.st_size, len(raw)) > limit:
            size = max(status.st_size, len(raw))
            raise WorkspaceError(f"{name} has {size:,} bytes; the limit is {limit:,}. Split it or name a part")
        return raw


def decode(raw: bytes, name: str) -> str:
    """``raw`` as text.

    Raises:
        WorkspaceError: it is not UTF-8 or holds NUL; the message gives the byte.
    """
    if raw.startswith(UTF_16_MARKS):
        raise WorkspaceError(f"{name} is UTF-16; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkspaceError(
            f"{name} is not UTF-8 (byte {error.start}: 0x{raw[error.start]:02x}); convert it first"
        ) from None
    if "\0" in text:
        raise WorkspaceError(f"{name} contains a NUL character at {text.index(chr(0))}; it is not a text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")
