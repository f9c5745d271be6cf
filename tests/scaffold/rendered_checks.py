"""What rendered code has to pass: ruff, ruff format, mypy, and that its tables can be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from acceptance_projects import libraries_known

RULES = "E,F,I,UP,B,SIM,C4,PIE,RET,RUF,ASYNC"
ISOLATED = ("--isolated", "--no-cache", "--config", "line-length=120", "--config", 'target-version="py311"')
FIRST_PARTY = 'lint.isort.known-first-party=["app"]'
FOREIGN_LETTERS = "RUF001,RUF002"
"""Descriptions may be in any language."""

BOOT = """
import asyncio, sys
import app.models
from app.core.database import Base, Database
from app.main import create_app
from app.settings import Settings

async def main():
    application = create_app(Settings(environment="test", jwt_secret="0123456789 abcdefghijklmnopqrstuvwxyz"))
    assert application.openapi()["openapi"].startswith("3.1")
    async with application.state.services.database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await application.state.services.aclose()

asyncio.run(main())
"""


def complaints(folder: Path, *, types: bool = True) -> str:
    """What ruff and mypy say of the application in a folder; empty where they are content."""
    own = [str(path.relative_to(folder)) for path in sorted((folder / "app").iterdir()) if path.name != "core"]
    lint = [*ISOLATED, "--config", FIRST_PARTY, "--select", RULES, "--ignore", FOREIGN_LETTERS, *own]
    said = _run(folder, "-m", "ruff", "check", "--quiet", *lint)
    said += _run(folder, "-m", "ruff", "format", "--quiet", "--check", *ISOLATED, *own)
    if types:
        with libraries_known(folder):
            said += _run(folder, "-m", "mypy", "--strict", "--no-error-summary", "-p", "app")
    return said


def boots(folder: Path) -> str:
    """Why the application does not start or its tables cannot be made on SQLite; empty where they can."""
    return _run(folder, "-W", "error", "-c", BOOT)


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr)[-4000:] if done.returncode else ""
