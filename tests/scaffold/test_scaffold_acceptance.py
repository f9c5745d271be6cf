"""Scaffolded projects pass every check of their own CI: the examples, random blueprints, names nobody should use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from acceptance_names import worst_names
from acceptance_projects import findings_of, ran, surroundings
from hypothesis import HealthCheck, Phase, given, settings
from rendered_projects import EXAMPLES, ROOT, example, postgres_url, write_project
from rendered_strategies import blueprints

from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.blueprint.model import Blueprint

RANDOM = int(os.environ.get("ACCEPTED_BLUEPRINTS", "2"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_passes_its_own_checks(name: str, tmp_path: Path) -> None:
    assert findings_of(example(name), tmp_path) == []


async def test_the_shop_passes_its_tests_on_postgresql(
    tmp_path: Path, postgres: PostgresHost, scratch: Scratch
) -> None:
    write_project(example("shop"), tmp_path)
    address = postgres_url(postgres, scratch)
    assert ran(tmp_path, "pytest", "-q", "-x", "-p", "no:cacheprovider", TEST_DATABASE_URL=address) == ""


@settings(
    max_examples=RANDOM,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(blueprint=blueprints(max_resources=3))
def test_random_projects_pass_their_own_checks(blueprint: Blueprint, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert findings_of(blueprint, tmp_path_factory.mktemp("random"), "mypy") == []


def test_names_that_mean_something_elsewhere_are_only_names(tmp_path: Path) -> None:
    assert findings_of(worst_names(), tmp_path, "mypy") == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_project_knows_nothing_of_what_made_it(name: str, tmp_path: Path) -> None:
    folder = write_project(example(name), tmp_path)
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8").lower().replace("_", "-")
            assert "backend-architect" not in text and "from backend." not in text, path


def test_a_project_is_the_same_in_every_process() -> None:
    program = (
        "import backend_architect, sys; sys.path.insert(0, 'tests/scaffold')\n"
        "from acceptance_upgrades import SHOP, Renderer\nfrom pathlib import Path\nfrom tempfile import mkdtemp\n"
        "print(Renderer().plan(Path(sys.argv[1]), SHOP).hash)"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program, str(ROOT / "examples")],
            cwd=ROOT,
            env=surroundings() | {"PATH": os.defpath, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(hashes) == 1
