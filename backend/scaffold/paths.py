"""Which paths a project may have, and where in the workspace they lie."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from backend.scaffold.errors import ScaffoldError
from backend.workspace import MAX_FILE_BYTES, MAX_FILES, Workspace

OWN = ".scaffold"
"""The folder of a project in which the manifest lies; nothing rendered goes there."""
FORBIDDEN_FOLDERS = frozenset({".git", ".hg", ".svn", OWN})
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?\Z", re.IGNORECASE)
"""Names that are devices on Windows, whatever their ending."""
UNUSABLE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
MAX_NAME_BYTES = 200
"""Of one step of a path; file systems allow 255, and an editor's backup needs some."""
MAX_PATH_BYTES = 900


@dataclass(frozen=True)
class Place:
    """Where a path of the project lies. ``problem`` says why nothing can be written there."""

    real: Path
    problem: str = ""


def check_rendered(files: Mapping[str, str]) -> None:
    """Refuse what must not be written anywhere: odd paths, paths that collide, text that is none.

    Raises:
        ScaffoldError: naming the path and what is wrong with it.
    """
    if len(files) > MAX_FILES:
        raise ScaffoldError(f"{len(files):,} files were rendered; the limit is {MAX_FILES:,}")
    seen: dict[str, str] = {}
    for path in sorted(files):
        if problem := path_problem(path) or text_problem(files[path]):
            raise ScaffoldError(f"rendered file {path[:200]!r} is refused: {problem}")
        if (other := seen.setdefault(path.casefold(), path)) != path:
            raise ScaffoldError(f"rendered files {other!r} and {path!r} are the same file where case is ignored")
    for path in files:
        for parent in PurePosixPath(path.casefold()).parents:
            if parent.as_posix() in seen:
                raise ScaffoldError(f"rendered file {seen[parent.as_posix()]!r} is also the folder of {path!r}")


def path_problem(path: str) -> str:
    """Why ``path`` cannot be a file of a project, or ``""``."""
    try:
        raw = path.encode()
    except UnicodeEncodeError:
        return "it holds half a character"
    parts = path.split("/")
    if UNUSABLE.search(path):
        return "it holds a character that not every file system allows"
    if any(part in ("", ".", "..") for part in parts):
        return "it must be a relative path of plain names, without '.', '..' or a leading or trailing '/'"
    if unicodedata.normalize("NFC", path) != path:
        return "it is not in Unicode normal form C"
    if any(part != part.rstrip(". ") or RESERVED.match(part) for part in parts):
        return "one of its names is reserved on Windows"
    if any(part.casefold() in FORBIDDEN_FOLDERS for part in parts):
        return f"nothing is rendered into {', '.join(sorted(FORBIDDEN_FOLDERS))}"
    if len(raw) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        return f"a name is over {MAX_NAME_BYTES} bytes or the path over {MAX_PATH_BYTES}"
    return ""


def text_problem(text: str) -> str:
    """Why ``text`` cannot be the text of a file, or ``""``."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "its text holds half a character"
    if "\0" in text or "\r" in text:
        return "its text holds NUL or a carriage return"
    return "" if size <= MAX_FILE_BYTES else f"it has {size:,} bytes; the limit is {MAX_FILE_BYTES:,}"


def project_folder(workspace: Workspace, path: str) -> Path:
    """The real path of the project; it need not exist.

    Raises:
        WorkspaceError: outside the workspace.
        ScaffoldError: it is no folder, or inside one that belongs to version control.
    """
    real = workspace.resolve(path or ".")
    if real.exists() and not real.is_dir():
        raise ScaffoldError(f"{path} is not a folder; name the folder of the project")
    if FORBIDDEN_FOLDERS & {part.casefold() for part in real.relative_to(workspace.root).parts}:
        raise ScaffoldError(f"{path} lies in {', '.join(sorted(FORBIDDEN_FOLDERS))}; choose a folder of your own")
    return real


def places(workspace: Workspace, project: Path, paths: Iterable[str]) -> dict[str, Place]:
    """Where each path lies, links followed as far as its folder; two paths never share a place.

    Raises:
        WorkspaceError: a link on the way leads out of the workspace.
        ScaffoldError: a link on the way leads out of the project, or two paths meet in one place.
    """
    found = {path: place(workspace, project, path) for path in sorted(paths)}
    owners: dict[Path, str] = {}
    for path, where in found.items():
        if (other := owners.setdefault(where.real, path)) != path:
            raise ScaffoldError(f"{other} and {path} are one file, by way of a link; remove the link")
    return found


def place(workspace: Workspace, project: Path, path: str) -> Place:
    """Where ``path`` lies; see :func:`places`."""
    if problem := path_problem(path.removeprefix(f"{OWN}/")):
        raise ScaffoldError(f"{path[:200]!r} is refused: {problem}")
    pure = PurePosixPath(path)
    folder = workspace.resolve(project / pure.parent)
    if not folder.is_relative_to(project):
        raise ScaffoldError(f"{path} leads out of the project, by way of a link; remove the link")
    blocking = next((up for up in (folder, *folder.parents) if up.exists()), folder)
    if not blocking.is_dir():
        return Place(folder / pure.name, f"{blocking.name} is not a folder")
    real = folder / pure.name
    try:
        mode = os.lstat(real).st_mode
    except FileNotFoundError:
        return Place(real)
    return Place(real, _kind(mode))


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISLNK(mode):
        return "it is a link"
    return "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file"
