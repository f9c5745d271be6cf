"""Random blueprints, names and texts that break careless templates among them, pass the tools of every format."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from data_formats_node import HERE, run, type_errors, written
from hypothesis import HealthCheck, Phase, given, settings

from knowledge.blueprint.model import Blueprint
from knowledge.formats.drizzle import write_drizzle
from knowledge.formats.prisma import write_prisma
from knowledge.formats.sqlalchemy_models import write_sqlalchemy

sys.path.insert(0, str(Path(__file__).parents[1] / "blueprint"))
from blueprint_strategies import blueprints

COUNT = 12
IMPORTS = """
import importlib, pathlib, sys
import sqlalchemy as sa
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if not folder.name.isdigit():
        continue
    for name in [name for name in sys.modules if name.split(".")[0] == "database"]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    models = importlib.import_module("database.models")
    sa.orm.configure_mappers()
    if (folder / "database" / "queries.py").exists():
        importlib.import_module("database.queries")
    models.Base.metadata.create_all(sa.create_engine("sqlite://"))
    models.Base.registry.dispose()
    sys.path.pop(0)
"""


def drawn() -> list[Blueprint]:
    """Some random blueprints, the same in every run."""
    found: list[Blueprint] = []

    @settings(
        max_examples=COUNT,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(blueprints())
    def collect(blueprint: Blueprint) -> None:
        found.append(blueprint)

    collect()
    return found


async def test_every_tool_is_content(tmp_path: Path) -> None:
    made = drawn()
    assert len(made) == COUNT
    written(tmp_path, {})
    for number, blueprint in enumerate(made):
        for path, text in (write_prisma(blueprint) | write_sqlalchemy(blueprint)).items():
            (tmp_path / str(number) / path).parent.mkdir(parents=True, exist_ok=True)
            if not path.startswith("src/"):  # the queries need a client, which is made of the examples
                (tmp_path / str(number) / path).write_text(text)
        for path, text in write_drizzle(blueprint).items():
            (tmp_path / str(number) / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / str(number) / path).write_text(text)
    assert await type_errors(tmp_path) == ""
    assert await run(HERE / "random_schemas.mjs", tmp_path) == f"{COUNT}\n"
    command = [sys.executable, "-W", "error", "-c", IMPORTS, str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
