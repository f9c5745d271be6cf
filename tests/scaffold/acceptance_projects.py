"""Scaffolded projects as their users have them: every check that a project's own CI runs, by its own configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rendered_projects import ROOT, write_project

from knowledge.blueprint.model import Blueprint

CACHES = ROOT / ".mypy_cache" / "rendered"
LAST_CHARACTERS = 6000
CHECKS: Mapping[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--no-cache", "--quiet", "."),
    "ruff format": ("ruff", "format", "--no-cache", "--quiet", "--check", "."),
    "mypy": ("mypy", "--cache-dir", str(CACHES), "--no-error-summary"),
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
        if name not in skip and (said := ran(folder, *command, **environment)):
            yield Finding(name, said)


def findings_of(blueprint: Blueprint, folder: Path, *skip: str) -> list[Finding]:
    """What a new project of this blueprint does not pass."""
    return list(findings(write_project(blueprint, folder), *skip))
