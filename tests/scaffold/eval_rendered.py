"""Renders many random blueprints and judges each: ``python tests/scaffold/eval_rendered.py [how many] [seed]``.

Every application has to pass ruff, ruff format and mypy, start, make its tables and give every caller what its
blueprint promises. Exits with 1 where one does not, and leaves its blueprint and code in a temporary folder.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import mkdtemp

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from rendered_checks import boots, complaints  # noqa: E402
from rendered_matrix import broken_promises  # noqa: E402
from rendered_projects import running, write_project  # noqa: E402
from rendered_strategies import blueprints  # noqa: E402

import backend_architect  # noqa: E402,F401  (claims the import path)
from knowledge.blueprint.model import Blueprint  # noqa: E402
from knowledge.blueprint.writer import write_blueprint  # noqa: E402


def sampled(count: int, number: int) -> list[Blueprint]:
    """Random blueprints; the same seed gives the same ones."""
    found: list[Blueprint] = []

    @seed(number)
    @settings(max_examples=count, phases=(Phase.generate,), database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(blueprints())
    def collect(blueprint: Blueprint) -> None:
        found.append(blueprint)

    collect()
    return found


async def promises(blueprint: Blueprint, folder: Path) -> str:
    """Which answers differ from what the blueprint promises, on SQLite."""
    async with running(blueprint, folder, f"sqlite+aiosqlite:///{folder}/app.db") as backend:
        return "\n".join(map(str, await broken_promises(backend)))


def main(count: int = 20, number: int = 1) -> int:
    """The exit code."""
    bad = 0
    for index, blueprint in enumerate(sampled(count, number)):
        folder = Path(mkdtemp(prefix=f"rendered-{index}-"))
        (folder / "blueprint.yaml").write_text(write_blueprint(blueprint), encoding="utf-8")
        write_project(blueprint, folder)
        said = complaints(folder) or boots(folder) or asyncio.run(promises(blueprint, folder))
        print(f"{index:3} {', '.join(blueprint.resources)}: {said or 'ok'}", flush=True)
        if said:
            bad += 1
            print(f"    see {folder}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
