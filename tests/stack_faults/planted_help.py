"""The check that is made for a planted fault, alone; how soon all of them notice it is measured apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Failure
from backend.exercise.fuzz.run import fuzz
from backend.exercise.laws import law, try_law
from backend.scaffold.stack import Stack
from benchmarks.stack_faults.faults import Fault
from benchmarks.stack_faults.hunt import blog, hunt


async def noticed(stack: Stack, fault: Fault, folder: Path, packages: Path, host: PostgresHost) -> set[str]:
    """The checks that fail when only the one made for ``fault`` is tried."""
    async with blog(stack, fault, folder, packages, host) as exercise:
        failures: Sequence[Failure]
        if fault.caught_by.startswith("law."):
            failures = (await try_law(exercise.subject, law(fault.caught_by))).failures
        else:
            failures = (await fuzz(exercise.subject)).failures
    return {failure.check for failure in failures}


async def complaints(stack: Stack, folder: Path, packages: Path, host: PostgresHost) -> list[str]:
    """What every default check says of the sound blog."""
    async with blog(stack, None, folder, packages, host) as exercise:
        found = await hunt(exercise, whole=True)
    return [f"{failure.check} {failure.operation}: {failure.message}" for failure in found.failures]
