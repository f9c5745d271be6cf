"""Everything that is done with one backend, in order: from its first answer to its behaviour when Redis is gone."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from backend.exercise.asgi_target import asgi_target
from backend.exercise.callers import Callers, given, minted
from backend.exercise.contract import Contract
from backend.exercise.exchange import Call, Failure, Target, TargetGone
from backend.exercise.ground import Ground
from backend.exercise.project import NotExercisable
from backend.exercise.subject import Budget, Subject
from backend.exercise.world import World, WorldError
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.routes import routes
from knowledge.report import Artifact, Fact, Table

Progress = Callable[[float, float, str], Awaitable[None]]


class Check(StrEnum):
    """What can be done, in the order in which it is."""

    SMOKE = "smoke"
    ACCESS = "access"
    LAWS = "laws"
    CONCURRENCY = "concurrency"
    BUDGET = "budget"
    FUZZ = "fuzz"
    SCHEMATHESIS = "schemathesis"
    LOAD = "load"
    FAULTS = "faults"


QUICK = (Check.SMOKE, Check.ACCESS, Check.LAWS, Check.CONCURRENCY, Check.BUDGET, Check.FUZZ)
"""Those that need neither a port nor minutes."""


@dataclass
class Section:
    """What one check found."""

    check: Check
    failures: list[Failure] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Exercise:
    """A backend that is up, and what is asked of it."""

    subject: Subject
    ground: Ground | None
    """Where it stands; ``None`` for one that somebody else started."""
    progress: Progress


async def start(
    stack: AsyncExitStack, ground: Ground, *, tokens: dict[str, str], now: datetime, seed: int, budget: Budget
) -> Subject:
    """Start the backend in a process of its own; it ends with ``stack``.

    Raises:
        TargetGone: it does not start.
        NotExercisable: it has no contract.
    """
    target = await stack.enter_async_context(asgi_target(ground.application()))
    openapi = target.openapi or await document(target)
    blueprint = ground.project.blueprint
    callers = given(tokens) if tokens or blueprint is None else scaffolded_callers(ground, blueprint, now, seed)
    return subject_of(target, Contract.read(openapi), callers, blueprint, seed, budget)


async def start_like(stack: AsyncExitStack, subject: Subject, ground: Ground, **environment: str) -> Subject:
    """Another process of the same backend, with other variables and for the same callers; it ends with ``stack``.

    Raises:
        TargetGone: it does not start.
    """
    target = await stack.enter_async_context(asgi_target(ground.application(**environment)))
    return subject_of(target, subject.contract, subject.callers, subject.blueprint, subject.seed, subject.budget)


def scaffolded_callers(ground: Ground, blueprint: Blueprint, now: datetime, seed: int) -> Callers:
    """The five callers, with tokens that the backend's own secret signs."""
    roles = sorted({role for route in routes(blueprint) for role in route.operation.roles})
    return minted(ground.signing, now=now, roles=roles, tenants=blueprint.tenant, seed=seed)


def subject_of(
    target: Target, contract: Contract, callers: Callers, blueprint: Blueprint | None, seed: int, budget: Budget
) -> Subject:
    """What the checks work on."""
    world = World(target, contract, callers, blueprint=blueprint, seed=seed)
    return Subject(target, contract, callers, world, blueprint, seed, budget)


async def _again(exercise: Exercise) -> None:
    """Start a backend that ended; one that somebody else runs stays gone."""
    restart = getattr(exercise.subject.target, "restart", None)
    if restart is not None:
        await restart()
        exercise.subject.world.forget()


async def document(target: Target) -> dict[str, object]:
    """The OpenAPI document that a backend serves.

    Raises:
        NotExercisable: it serves none where documents are usually found.
    """
    for path in ("/openapi.json", "/api/openapi.json", "/v1/openapi.json"):
        answer = await target.call(Call("GET", path))
        if answer.status == 200:
            found = answer.json()
            if isinstance(found, dict):
                return found
    raise NotExercisable("the backend serves no OpenAPI document at /openapi.json; exercise_backend works from one")


async def run_checks(exercise: Exercise, checks: Sequence[Check]) -> list[Section]:
    """Run ``checks`` in their order; one that finds the backend dead says so and the next starts it again."""
    from backend.exercise.sections import SECTIONS

    sections = []
    ordered = [check for check in Check if check in checks]
    for done, check in enumerate(ordered):
        await exercise.progress(done, len(ordered), check.value)
        began = time.monotonic()
        try:
            section = await SECTIONS[check](exercise)
        except WorldError as reason:
            section = Section(check, not_tested=[f"{check.value}: {reason}"])
        except TargetGone as gone:
            section = Section(check, [Failure(f"{check.value}.process-ended", "the backend", str(gone))])
            await _again(exercise)
        sections.append(replace(section, seconds=time.monotonic() - began))
    return sections
