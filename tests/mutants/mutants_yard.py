"""Planted bugs in tests: found by the checks that are said to find them, with small budgets."""

from __future__ import annotations

from backend.exercise.subject import Budget
from benchmarks.mutants import all_mutants
from benchmarks.mutants.hunt import point
from benchmarks.mutants.record import Mutant
from benchmarks.mutants.shop import Yard

CASES = Budget(cases=300, seconds=60)
BY_ID = {mutant.id: mutant for mutant in all_mutants()}


async def caught(yard: Yard, mutant: Mutant) -> str:
    """What the first of the expected checks finds, a failure a line; empty if it finds nothing."""
    async with yard.shop(mutant, budget=CASES) as shop:
        failures = await point(shop, mutant.caught_by[0], mutant.resources)
    assert all(failure.exchanges for failure in failures)
    return "\n".join(f"{failure.operation}: {failure.message}" for failure in failures)
