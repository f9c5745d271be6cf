"""Formats rendered code with ruff, so that templates need not care about line lengths and unused imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.scaffold.errors import ScaffoldError

SECONDS = 60
CONFIGURATION = ("--isolated", "--config", "line-length=120", "--config", 'target-version="py311"')
FIRST_PARTY = 'lint.isort.known-first-party=["app"]'


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    """The Python files without unused imports, the rest sorted, lines of at most 120 characters.

    Raises:
        ScaffoldError: ruff is not installed, or cannot read what was rendered.
    """
    if find_spec("ruff") is None:
        raise ScaffoldError("Rendering needs ruff; install backend-architect[backend]")
    with TemporaryDirectory(prefix="backend-architect-") as folder:
        root = Path(folder)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        _ruff(root, "check", "--quiet", "--select", "F401,I,RUF022", "--fix", "--config", FIRST_PARTY)
        _ruff(root, "format", "--quiet")
        return {path: (root / path).read_text(encoding="utf-8") for path in files}


def _ruff(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", *CONFIGURATION, "."]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ScaffoldError(f"ruff did not finish within {SECONDS} seconds") from error
    if done.returncode:
        raise ScaffoldError(f"ruff refuses the rendered code: {(done.stdout + done.stderr)[:2000]}")
