"""Scaffolded projects as their users have them: every check that a project's own CI runs, by its own configuration."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from rendered_projects import ROOT, write_project

from knowledge.blueprint.model import Blueprint

LIBRARIES = ROOT / ".mypy_cache" / "scaffolded"
"""What mypy knows of the libraries of projects. What it knows of one ``app`` would mislead it in the next."""

LAST_CHARACTERS = 6000
CHECKS: Mapping[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--no-cache", "--quiet", "."),
    "ruff format": ("ruff", "format", "--no-cache", "--quiet", "--check", "."),
    "mypy": ("mypy", "--no-error-summary"),
    "alembic upgrade": ("alembic", "upgrade", "head"),
    "alembic check": ("alembic", "check"),
    "pytest": ("pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly"),
}
"""By name, in order: module and arguments."""


@dataclass(frozen=True)
class Finding:
    """A check that a project does not pass."""

    check: str
    said: str

    def __str__(self) -> str:
        return f"{self.check}:\n{self.said}"


def ran(folder: Path, *command: str, **environment: str) -> str:
    """What a module said if it failed, and nothing where it did not; no variable of ours is in its environment."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | surroundings() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr)[-LAST_CHARACTERS:] or f"exit code {done.returncode}" if done.returncode else ""


def surroundings() -> dict[str, str]:
    """What a developer has set."""
    return {"ENVIRONMENT": "test", "JWT_SECRET": "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz"}


def findings(folder: Path, *skip: str, **environment: str) -> Iterator[Finding]:
    """What the project in ``folder`` does not pass."""
    for name, command in CHECKS.items():
        if name in skip:
            continue
        with libraries_known(folder) if name == "mypy" else nullcontext():
            said = ran(folder, *command, **environment)
        if said:
            yield Finding(name, said)


@contextmanager
def libraries_known(folder: Path) -> Iterator[None]:
    """Spare mypy the libraries, which take longer than the project."""
    cache = folder / ".mypy_cache"
    if LIBRARIES.is_dir():
        shutil.copytree(LIBRARIES, cache, dirs_exist_ok=True)
    yield
    if LIBRARIES.is_dir():
        return
    for shard in cache.rglob("*.db"):
        with closing(sqlite3.connect(shard)) as connection, connection:
            connection.execute("DELETE FROM files2 WHERE path LIKE 'app/%' OR path LIKE 'app.%'")
    fresh = LIBRARIES.with_name(f"{LIBRARIES.name}-{os.getpid()}")
    shutil.copytree(cache, fresh)
    try:
        fresh.rename(LIBRARIES)
    except OSError:  # another process was first
        shutil.rmtree(fresh)


def findings_of(blueprint: Blueprint, folder: Path, *skip: str) -> list[Finding]:
    """What a new project of this blueprint does not pass."""
    return list(findings(write_project(blueprint, folder), *skip))
