"""The TypeScript core as it lies in a project, with the suites of this room as its tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from node_clients import NODE, Node, installed

HERE = Path(__file__).parent
CORE = HERE.parents[1] / "backend" / "reference_typescript"
SUITES = HERE / "suites"
NAMES = sorted(path.name.removesuffix(".test.ts") for path in SUITES.glob("*.test.ts"))

FAILED = re.compile(r"^\s*not ok \d+ - (.+)$", re.MULTILINE)
PASSED = re.compile(r"^# pass (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a suite."""

    code: int
    passed: int
    failed: tuple[str, ...]
    output: str


@dataclass(frozen=True)
class TypeScriptProject:
    """A folder with the core in ``src/core``."""

    folder: Path
    node: Node

    @classmethod
    def at(cls, folder: Path) -> TypeScriptProject:
        """A project in an empty folder; the packages are installed once for all."""
        node = installed(HERE / "package.json")
        folder.mkdir(exist_ok=True)
        shutil.copytree(CORE, folder / "src" / "core")
        shutil.copytree(SUITES, folder / "tests")
        for name in ("package.json", "tsconfig.json"):
            shutil.copy(HERE / name, folder / name)
        (folder / "node_modules").symlink_to(node.home / "node_modules")
        return cls(folder, node)

    def check(self) -> subprocess.CompletedProcess[str]:
        """What the type checker says."""
        compiler = self.node.script("typescript", "bin/tsc")
        return self.node.run(compiler, "--noEmit", "-p", ".", cwd=self.folder)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace what stands exactly once in a file of the core."""
        path = self.folder / "src" / "core" / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file}: {old!r} stands there {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def run(self, suite: str, variables: Mapping[str, str]) -> Outcome:
        """Run a suite with these variables and nothing of this process's own settings."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG")}
        options = (
            "--test-reporter=tap",
            "--test-timeout=20000",
            "--test-force-exit",
            f"tests/{suite}.test.ts",
        )
        done = subprocess.run(
            [str(NODE), *options],
            cwd=self.folder,
            env={**kept, "NODE_COMPILE_CACHE": str(self.folder.parent / "compiled"), **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )
        output = done.stdout + done.stderr
        passed = PASSED.search(output)
        return Outcome(done.returncode, int(passed[1]) if passed else 0, tuple(FAILED.findall(output)), output)
