"""Each planted fault is found at the default setting, in the Python and in the TypeScript backend; sound ones pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from node_clients import installed

from backend.engines.postgres.host import PostgresHost
from backend.exercise.suite import Check
from backend.scaffold.stack import Stack
from benchmarks.stack_faults.faults import FAULTS, Fault
from benchmarks.stack_faults.hunt import blog, hunt, sound


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the TypeScript blog needs, installed once."""
    manifest = tmp_path_factory.mktemp("blog") / "package.json"
    manifest.write_text(sound(Stack.TYPESCRIPT)["package.json"])
    assert json.loads(manifest.read_text())["dependencies"]
    return installed(manifest).home / "node_modules"


@pytest.mark.parametrize("stack", list(Stack))
async def test_the_sound_blog_passes_every_default_check(
    stack: Stack, tmp_path: Path, packages: Path, postgres: PostgresHost
) -> None:
    async with blog(stack, None, tmp_path, packages, postgres) as exercise:
        found = await hunt(exercise, whole=True)
    assert [f"{failure.check} {failure.operation}: {failure.message}" for failure in found.failures] == []


def made_for(fault: Fault) -> Check:
    """The one default check that is made for it; how long all of them take to notice is measured apart."""
    return Check.LAWS if fault.caught_by[0].startswith("law.") else Check.FUZZ


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
@pytest.mark.parametrize("stack", list(Stack))
async def test_a_planted_fault_is_found(
    stack: Stack, fault: Fault, tmp_path: Path, packages: Path, postgres: PostgresHost
) -> None:
    async with blog(stack, fault, tmp_path, packages, postgres) as exercise:
        found = await hunt(exercise, [made_for(fault)])
    told = {failure.check for failure in found.failures}
    assert any(check.startswith(fault.caught_by) for check in told), told
