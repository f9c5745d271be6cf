"""Node for the written projects: TypeScript, Drizzle and Prisma in the versions of this folder's ``package.json``."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.engines.postgres.host import Scratch

sys.path.insert(0, str(Path(__file__).parents[1] / "clients"))
from node_clients import NODE, Node, environment, installed

HERE = Path(__file__).parent
MANIFEST = HERE / "package.json"
TSCONFIG = """{
  "compilerOptions": {
    "strict": true, "noEmit": true, "target": "es2023", "module": "nodenext", "moduleResolution": "nodenext",
    "allowImportingTsExtensions": true, "erasableSyntaxOnly": true, "verbatimModuleSyntax": true,
    "noUnusedLocals": true, "noUnusedParameters": true, "skipLibCheck": true, "types": ["node"]
  },
  "include": ["**/*.ts"], "exclude": ["node_modules"]
}
"""


def node() -> Node:
    """Node with the packages; the first of several processes installs them."""
    return installed(MANIFEST)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """The files of a project in a folder that finds the packages."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(TSCONFIG)
    modules = folder / "node_modules"
    if not modules.is_symlink():
        modules.symlink_to(node().home / "node_modules")
    return folder


async def run(*arguments: str | Path, scratch: Scratch | None = None, folder: Path | None = None) -> str:
    """What a script printed.

    Raises:
        AssertionError: it failed; the text is all it said.
    """
    done = await attempt(*arguments, scratch=scratch, folder=folder)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


async def attempt(
    *arguments: str | Path, scratch: Scratch | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``node arguments`` to its end; with a scratch database its clients connect to that."""
    server = scratch.host.psql_env(scratch)[1] if scratch is not None else {}
    command = [str(NODE), *map(str, arguments)]
    return await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=folder,
        env={**environment(node().home), **server},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


async def type_errors(folder: Path) -> str:
    """What the TypeScript compiler has to say; empty where nothing."""
    done = await attempt(node().script("typescript", "bin/tsc"), "--noEmit", "-p", folder, folder=folder)
    return done.stdout + done.stderr


def batched(items: list[Any]) -> list[tuple[Any, Any]]:
    """Each two that follow one another."""
    return list(zip(items[::2], items[1::2], strict=True))
