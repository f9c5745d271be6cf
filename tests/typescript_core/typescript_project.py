"""The TypeScript core as it lies in a project, with the suites of this room as its tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from node_clients import NODE, Node, installed

HERE = Path(__file__).parent
CORE = HERE.parents[1] / "backend" / "reference_typescript"
SUITES = HERE / "suites"
NAMES = sorted(path.name.removesuffix(".test.ts") for path in SUITES.glob("*.test.ts"))
FOLDER = "sqlite+aiosqlite:///FOLDER/core.db"
"""The address of a file of each project's own, in the words of the Python stack."""

_RESULT = re.compile(r"^(not )?ok \d+ - (\S+)$", re.MULTILINE)
_TESTS = re.compile(r"^ +(?:not )?ok \d+ - ", re.MULTILINE)
_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What became of a suite."""

    suite: str
    passed: bool
    tests: int
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

    def suite(self, name: str) -> Path:
        """The file of a suite."""
        return self.folder / "tests" / f"{name}.test.ts"


def run_suites(files: Sequence[Path], variables: Mapping[str, str]) -> list[Outcome]:
    """Run suites, of any projects, one after the other in one process: most of the time goes into its start.

    They see these variables and nothing of this process's own settings.
    """
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG")}
    options = ("--test", "--test-isolation=none", "--test-force-exit", "--test-reporter=tap", "--test-timeout=60000")
    done = subprocess.run(
        [str(NODE), *options, *map(str, files)],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    outcomes: list[Outcome] = []
    start = 0
    for result in _RESULT.finditer(done.stdout):
        output = done.stdout[start : result.end()]
        outcomes.append(Outcome(result[2], not result[1], len(_TESTS.findall(output)), output))
        start = result.end()
    assert len(outcomes) == len(files), done.stdout + done.stderr
    return outcomes
