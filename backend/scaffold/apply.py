"""Carrying out a plan: all of it or nothing, as far as a file system allows.

Everything is written to a folder beside the manifest first, and what will be replaced or removed is kept there
too. Then each file is moved to its place in one step, the manifest last. If a step fails, what was moved is put back.
A process that dies half way leaves that folder behind; files that are as the plan wants them count as unchanged
in the next one.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backend.scaffold.current import Current, current
from backend.scaffold.errors import ApplyError, ScaffoldError, StalePlan
from backend.scaffold.fate import Fate
from backend.scaffold.paths import OWN, place
from backend.scaffold.plan import Plan, confirm
from backend.workspace import WorkspaceError

WORK = f"{OWN}/work"
"""Where files wait, below the project."""

Move = Callable[[Path, Path], object]
"""Puts a file in the place of another, or of nothing, in one step."""


@dataclass(frozen=True)
class Applied:
    """What was done."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass
class Journal:
    """What has to be undone, newest last."""

    folders: list[Path] = field(default_factory=list)
    """Made by us."""
    replaced: list[tuple[Path, Path]] = field(default_factory=list)
    """Place, and the copy of what lay there."""
    created: list[Path] = field(default_factory=list)


def apply(plan: Plan, plan_hash: str, *, move: Move = Path.replace) -> Applied:
    """Do what ``plan`` says, if ``plan_hash`` is its hash.

    Raises:
        StalePlan: the hash is another one, or a file changed since the plan was made.
        ScaffoldError: a new project has conflicts, or another apply is under way.
        ApplyError: writing failed; the text says what is as it was.
        WorkspaceError: the workspace is read-only.
    """
    if plan.workspace.read_only:
        raise WorkspaceError("the workspace is read-only; start without --read-only to write files")
    confirm(plan, plan_hash)
    if plan.first and (conflicts := plan.of(Fate.CONFLICT)):
        named = "; ".join(f"{change.path} ({change.reason})" for change in conflicts[:10])
        raise ScaffoldError(f"{len(conflicts)} files are in the way and nothing was written: {named}")
    if plan.empty:
        return Applied()
    journal = Journal()
    try:
        work = _workbench(plan, journal)
        done = _carry_out(plan, work, journal, move)
    except BaseException as error:
        _roll_back(plan, journal, error)
        if isinstance(error, OSError):
            raise ApplyError(f"{_named(error)}; every file is as it was before") from None
        raise
    shutil.rmtree(work, ignore_errors=True)  # all is done; what stays is said by the next apply
    _drop_empty_folders(plan)
    return done


def _workbench(plan: Plan, journal: Journal) -> Path:
    """The folder in which files wait; it also keeps a second apply out."""
    work = place(plan.workspace, plan.project, WORK).real
    _make_folders(work.parent, journal)
    try:
        work.mkdir()
    except FileExistsError:
        raise ScaffoldError(
            f"{plan.directory}/{WORK} exists: another apply is under way, or one was interrupted. In the second case"
            " it holds the files that were being replaced: delete it, and plan again"
        ) from None
    journal.folders.append(work)
    return work


def _carry_out(plan: Plan, work: Path, journal: Journal, move: Move) -> Applied:
    writes = list(plan.writes())
    for number, (_, text) in enumerate(writes):
        plan.workspace.write_text(work / f"new-{number}", text)
    for number, path in enumerate(plan.removals):
        target = _untouched(plan, path)
        keep = work / f"removed-{number}"
        move(target, keep)
        journal.replaced.append((target, keep))
    for number, (path, _) in enumerate(writes):
        new = work / f"new-{number}"
        target = _untouched(plan, path)
        _make_folders(target.parent, journal)
        if plan.now[path].absent:
            move(new, target)
            journal.created.append(target)
        else:
            keep = work / f"old-{number}"
            _second_name(target, keep)
            new.chmod(stat.S_IMODE(keep.stat().st_mode))
            move(new, target)
            journal.replaced.append((target, keep))
    return Applied(tuple(path for path, _ in writes), tuple(plan.removals))


def _untouched(plan: Plan, path: str) -> Path:
    """Where ``path`` lies, looked at once more right before it is written."""
    where = place(plan.workspace, plan.project, path)
    planned: Current = plan.now[path]
    if where != planned.place or current(where, path).digest != planned.digest:
        raise StalePlan(f"{path} changed while the plan was carried out; every file is as it was before: plan again")
    return where.real


def _second_name(target: Path, keep: Path) -> None:
    """Keep what lies at ``target``, which stays there until it is replaced."""
    try:
        keep.hardlink_to(target)
    except OSError:  # not every file system has hard links
        shutil.copy2(target, keep)


def _make_folders(folder: Path, journal: Journal) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir()
        journal.folders.append(new)


def _roll_back(plan: Plan, journal: Journal, cause: BaseException) -> None:
    """Undo everything.

    Raises:
        ApplyError: that failed too; the copies stay where they are.
    """
    try:
        for target in reversed(journal.created):
            target.unlink()
        for target, keep in reversed(journal.replaced):
            keep.replace(target)  # not the injected way, which may be what failed
        for folder in reversed(journal.folders):
            if folder.name == Path(WORK).name and folder.parent.name == OWN:
                shutil.rmtree(folder)
            else:
                folder.rmdir()
    except OSError as error:
        raise ApplyError(
            f"{_named(cause)}, and putting everything back failed too ({_named(error)}); what was replaced is kept in"
            f" {plan.directory}/{WORK}"
        ) from None


def _drop_empty_folders(plan: Plan) -> None:
    """Folders that a removal left empty go with it."""
    for path in plan.removals:
        folder = plan.now[path].place.real.parent
        while folder != plan.project and folder.is_relative_to(plan.project):
            try:
                folder.rmdir()
            except OSError:  # not empty: somebody's
                break
            folder = folder.parent


def _named(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{Path(str(error.filename or '')).name or 'a file'}: {error.strerror}"
    return f"{type(error).__name__}: {error}"
