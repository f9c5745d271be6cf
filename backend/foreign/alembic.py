"""Alembic: every revision's SQL, as ``alembic upgrade --sql`` and ``alembic downgrade --sql`` write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.foreign.process import ProjectCodeError, interpreter, refusal, run_driver, source_of
from backend.workspace import Workspace
from knowledge.migration import Migration, MigrationFolder

_BEGIN = re.compile(r"\A\s*BEGIN;\s*", re.IGNORECASE)
_COMMIT = re.compile(r"\s*^COMMIT;\s*\Z", re.IGNORECASE | re.MULTILINE)
_INNER_COMMIT = re.compile(r"^COMMIT;\s*$", re.IGNORECASE | re.MULTILINE)


SQLITE = {"DATABASE_URL": "sqlite:///nowhere.db"}
"""What a project that takes its address from the environment is told where the target is SQLite."""


async def read(
    workspace: Workspace, folder: str, *, allowed: bool, timeout_seconds: float, dialect: str = ""
) -> MigrationFolder:
    """The revisions from the first to the heads; branches in the order in which Alembic walks them.

    ``dialect`` is what they are to be written for, where the project can be told; empty for its own.

    Raises:
        ProjectCodeError: code may not run, no environment was found, or it failed.
    """
    top = workspace.existing(folder)
    ini, scripts = find_environment(workspace, top)
    home = ini.parent if ini else scripts.parent if scripts else top
    python = interpreter(workspace, home)
    if not allowed:
        runs = f"env.py and every revision, as `alembic upgrade --sql` does ({python}),"
        raise refusal("Alembic", folder, runs)
    answer = await run_driver(
        "architect_alembic",
        {"ini": str(ini) if ini else "", "scripts": str(scripts) if scripts else ""},
        python=python,
        folder=home,
        timeout_seconds=timeout_seconds,
        environment=SQLITE if dialect == "sqlite" else None,
    )
    return as_folder(workspace, folder, answer)


def find_environment(workspace: Workspace, top: Path) -> tuple[Path | None, Path | None]:
    """``alembic.ini`` (from the folder up to the root) and the script folder, where they are known.

    Raises:
        ProjectCodeError: neither exists.
    """
    scripts = next((path for path in (top, top.parent) if (path / "env.py").is_file()), None)
    for path in (top, *top.parents):
        if not path.is_relative_to(workspace.root):
            break
        if (path / "alembic.ini").is_file():
            return path / "alembic.ini", scripts
    if scripts is None or not scripts.is_relative_to(workspace.root):
        raise ProjectCodeError("no alembic.ini and no env.py here; name the folder that holds one of them")
    return None, scripts


def as_folder(workspace: Workspace, folder: str, answer: Mapping[str, Any]) -> MigrationFolder:
    """What the driver wrote as migrations; what it could not write becomes a note.

    Raises:
        ProjectCodeError: there is no revision, or the database is neither PostgreSQL nor SQLite.
    """
    revisions = answer["revisions"]
    if not revisions:
        raise ProjectCodeError(f"{folder or 'the workspace'} holds no Alembic revision")
    dialect = revisions[0]["up"]["dialect"]
    if dialect not in ("postgresql", "sqlite"):
        raise ProjectCodeError(f"the project's database is {dialect}; PostgreSQL and SQLite can be rehearsed")
    migrations, notes = [], ["line numbers count in the SQL that Alembic writes, not in the revision's Python file"]
    merged = {parent for entry in revisions for parent in entry["down_revisions"]}
    heads = [entry["revision"] for entry in revisions if entry["revision"] not in merged]
    if len(heads) > 1:
        notes.append(f"{len(heads)} heads: {', '.join(heads)}; all of them are run, one branch after the other")
    for entry in revisions:
        path = source_of(workspace, entry["path"], folder)
        up, transactional = without_outer_transaction(entry["up"])
        down, _ = without_outer_transaction(entry["down"])
        back = not entry["down"]["error"] and bool(down or not up)  # what does nothing is undone by nothing
        notes += _notes(entry, path, back)
        migrations.append(
            Migration(
                entry["revision"],
                entry["message"] or entry["revision"],
                up,
                f"{path}#upgrade",
                down=down if back else None,
                down_path=f"{path}#downgrade" if back else "",
                transactional=transactional,
                after=tuple(entry["down_revisions"]),
            )
        )
    return MigrationFolder(folder, "alembic", dialect, tuple(migrations), tuple(notes))


def _notes(entry: Mapping[str, Any], path: str, back: bool) -> list[str]:
    notes = []
    if entry["up"]["error"]:
        notes.append(f"{path}: upgrade needs a database and is not wholly SQL ({entry['up']['error']})")
    if entry["down"]["error"]:
        notes.append(f"{path}: downgrade left out ({entry['down']['error']})")
    elif not back:
        notes.append(f"{path}: downgrade does nothing")
    return notes


def without_outer_transaction(part: Mapping[str, Any]) -> tuple[str, bool]:
    """The SQL without the transaction around it, and whether there was one around all of it.

    ``autocommit_block`` closes the transaction and opens another: such SQL keeps its own BEGIN and COMMIT.
    """
    sql = str(part["sql"])
    inner = _COMMIT.sub("", _BEGIN.sub("", sql)).strip()
    if not _INNER_COMMIT.search(inner):
        return inner, bool(part["transactional"])
    return f"BEGIN;\n\n{inner}\n\nCOMMIT;", False
