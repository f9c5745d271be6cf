"""A design run and measured: every operation that was designed, against its own contract and at scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from backend.design.mounted import Mounted, mounted
from backend.design.planned import Plans, plan_statements, schema_sql
from backend.design.statements import Asked, asked
from backend.exercise.budget import Measure, statement_budget
from backend.exercise.contract import Operation
from backend.exercise.exchange import Failure
from backend.exercise.fuzz.run import fuzz
from backend.exercise.subject import Budget
from backend.exercise.suite import Check, Exercise, Progress, run_checks
from backend.exercise.world import WorldError
from knowledge.blueprint.model import Blueprint
from knowledge.design.feature import Design
from knowledge.report import Artifact

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

CHECKS = (Check.ACCESS, Check.LAWS, Check.CONCURRENCY)
STEPS = 5


@dataclass
class Proof:
    """What running a design has shown."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The project it was mounted in, by path."""
    asked: list[Asked] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    beside: list[Failure] = field(default_factory=list)
    """Of operations that only make the rows."""
    plans: Plans = field(default_factory=lambda: Plans({}, {}, "", ()))
    facts: dict[str, str] = field(default_factory=dict)
    not_tested: list[str] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    """What each check has to say of each of its laws."""


async def prove(
    design: Design,
    host: PostgresHost,
    *,
    sizes: Mapping[str, int],
    now: datetime,
    seed: int,
    budget: Budget,
    progress: Progress,
) -> Proof:
    """Mount the design, exercise what was designed in it, and plan the SQL it ran.

    Args:
        design: the blueprint and the operations in question; the others only make the rows.
        host: our own server.
        sizes: rows by table, for the plans.
        now: for tokens and statistics.
        seed: of the fuzz.
        budget: requests of the fuzz, seconds of each check.
        progress: told before each part.

    Raises:
        ScaffoldError, EngineError, NotExercisable, TargetGone: it cannot be made to run.
    """
    proof = Proof()
    await progress(0, STEPS, "writing, migrating and starting the backend")
    async with AsyncExitStack() as stack:
        up = await stack.enter_async_context(mounted(design.blueprint, host, now=now, seed=seed, budget=budget))
        proof.files = up.files
        operations = [each for each in up.subject.contract.operations if each.id in design.focus]
        await progress(1, STEPS, "access, paging, idempotency, caching, races")
        await _exercise(up, operations, proof, progress)
        await progress(2, STEPS, "watching the SQL of each operation")
        await _watch(up, operations, proof)
        ddl = await schema_sql(host, up.ground.environment["DATABASE_URL"])
        await progress(3, STEPS, "planning it at scale")
        statements = [sql for each in proof.asked for sql in each.statements]
        page = _page(design.blueprint)
        proof.plans = await plan_statements(host, ddl, statements, sizes=sizes, page=page, today=now.date())
        await progress(4, STEPS, "holding it against its contract")
        await _fuzz(up, operations, proof)
    return proof


async def _watch(up: Mounted, operations: Sequence[Operation], proof: Proof) -> None:
    labels = {operation.label for operation in operations}
    budget = await statement_budget(up.subject)
    proof.measures = [measure for measure in budget.measures if measure.operation in labels]
    proof.failures += [failure for failure in budget.failures if failure.operation in labels]
    for operation in operations:
        try:
            found = await asked(up.subject, operation)
        except WorldError as error:
            proof.not_tested.append(f"SQL of {operation.label}: {error}")
            continue
        proof.asked += found
        proof.not_tested += [
            f"SQL of {operation.label} by {each.way}: it answered {each.status}" for each in found if each.status != 200
        ]


async def _fuzz(up: Mounted, operations: Sequence[Operation], proof: Proof) -> None:
    """Only the operations in question, in a world made with all of them."""
    result = await fuzz(up.subject, only=operations)
    proof.failures += result.failures
    proof.facts["fuzz"] = f"{result.cases} requests against the contract, {len(result.failures)} failures"
    proof.not_tested += [f"fuzz of {label}: {reason}" for label, reason in result.unreached.items()]


async def _exercise(up: Mounted, operations: Sequence[Operation], proof: Proof, progress: Progress) -> None:
    async def quiet(done: float, total: float, message: str) -> None:
        await progress(1, STEPS, message)

    labels = {operation.label for operation in operations}
    for section in await run_checks(Exercise(up.subject, up.ground, quiet), CHECKS):
        proof.failures += [failure for failure in section.failures if failure.operation in labels]
        proof.beside += [failure for failure in section.failures if failure.operation not in labels]
        told = f"; {section.artifacts[0].name} tells of each" if section.artifacts else ""
        proof.facts |= {fact.name: f"{fact.value}{told}" for fact in section.facts}
        proof.artifacts += section.artifacts


def _page(blueprint: Blueprint) -> int:
    """Rows of a page where the caller says nothing; the largest of all lists."""
    listings = (resource.operations.list for resource in blueprint.resources.values())
    return max((listing.default_limit for listing in listings if listing is not None), default=20)
