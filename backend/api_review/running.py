"""An application held against the document under review, not against the one it serves itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend.exercise.asgi_target import asgi_target
from backend.exercise.callers import Callers, given
from backend.exercise.contract import Contract
from backend.exercise.ground import Engine, Ground, ground
from backend.exercise.loopback_target import loopback_target
from backend.exercise.project import Project
from backend.exercise.subject import Budget
from backend.exercise.suite import Check, Exercise, Progress, Section, run_checks, scaffolded_callers, subject_of

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

CHECKS = (Check.SMOKE, Check.LAWS, Check.BUDGET, Check.FUZZ)
SEED = 1


async def run_against(exercise: Exercise) -> list[Section]:
    """Hold the application against the contract: every operation, the laws, its statements, the fuzz.

    Raises:
        TargetGone: it ended and cannot be started again.
    """
    return await run_checks(exercise, CHECKS)


@asynccontextmanager
async def reached(
    url: str, contract: Mapping[str, Any], tokens: Mapping[str, str], hosts: frozenset[str], budget: Budget,
    progress: Progress,
) -> AsyncIterator[Exercise]:  # fmt: skip
    """An application that runs already.

    Raises:
        NotAllowed, TargetGone: it may not be called, or does not answer.
        ContractError: the document cannot be used as a contract.
    """
    async with loopback_target(url, hosts) as target:
        callers = given(dict(tokens))
        yield Exercise(subject_of(target, Contract.read(contract), callers, None, SEED, budget), None, progress)


@asynccontextmanager
async def started(
    project: Project, host: PostgresHost, contract: Mapping[str, Any], tokens: Mapping[str, str], now: datetime,
    budget: Budget, progress: Progress,
) -> AsyncIterator[Exercise]:  # fmt: skip
    """A project's application, started in a process of its own on a SQLite made for it.

    Raises:
        NotExercisable, TargetGone: it does not start.
        ContractError: the document cannot be used as a contract.
    """
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(ground(project, Engine.SQLITE, host))
        target = await stack.enter_async_context(asgi_target(place.application()))
        callers = _callers(place, project, tokens, now)
        subject = subject_of(target, Contract.read(contract), callers, project.blueprint, SEED, budget)
        yield Exercise(subject, place, progress)


def _callers(place: Ground, project: Project, tokens: Mapping[str, str], now: datetime) -> Callers:
    if tokens or project.blueprint is None:
        return given(dict(tokens))
    return scaffolded_callers(place, project.blueprint, now, SEED)
