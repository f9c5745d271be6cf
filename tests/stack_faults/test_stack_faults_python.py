"""Each fault planted in the Python backend is found by the check made for it; the sound one passes all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted_help import complaints, noticed

from backend.engines.postgres.host import PostgresHost
from backend.scaffold.stack import Stack
from benchmarks.stack_faults.faults import FAULTS, Fault

STACK = Stack.PYTHON


async def test_the_sound_python_blog_passes_every_default_check(
    tmp_path: Path, packages: Path, postgres: PostgresHost
) -> None:
    assert await complaints(STACK, tmp_path, packages, postgres) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
async def test_a_fault_planted_in_python_is_found(
    fault: Fault, tmp_path: Path, packages: Path, postgres: PostgresHost
) -> None:
    assert fault.caught_by in await noticed(STACK, fault, tmp_path, packages, postgres)
