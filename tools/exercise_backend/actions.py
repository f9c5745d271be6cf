"""From the request to the report: start, check, tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from backend.exercise.callers import Callers, given
from backend.exercise.contract import Contract
from backend.exercise.ground import Engine, ground
from backend.exercise.loopback_target import loopback_target
from backend.exercise.project import find_project
from backend.exercise.subject import Budget
from backend.exercise.suite import QUICK, Check, Exercise, document, run_checks, start, subject_of
from knowledge.report import Report
from tools.exercise_backend.report import report_of
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.exercise_backend import ExerciseBackendRequest


async def perform(request: ExerciseBackendRequest, toolbox: Toolbox) -> Report:
    """Exercise the backend and keep the report."""
    checks = chosen(request.checks)
    async with backend(request, toolbox) as exercise:
        sections = await run_checks(exercise, checks)
        return toolbox.runs.keep(report_of(request, exercise, sections))


def chosen(names: list[str]) -> list[Check]:
    """The checks that were asked for.

    Raises:
        ToolError: there is no check of that name.
    """
    known = [check.value for check in Check]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ToolError(f"checks: there is no {', '.join(map(repr, unknown))}; choose from {', '.join(known)}")
    return [Check(name) for name in names] or list(QUICK)


def tokens_of(texts: list[str]) -> dict[str, str]:
    """``name=token`` texts as a mapping.

    Raises:
        ToolError: one of them has no ``=``.
    """
    found = {}
    for text in texts:
        name, sign, token = text.partition("=")
        if not sign or not token:
            raise ToolError("tokens: write owner=TOKEN, likewise other, other_tenant, admin")
        found[name] = token
    return found


@asynccontextmanager
async def backend(request: ExerciseBackendRequest, toolbox: Toolbox) -> AsyncIterator[Exercise]:
    """The backend, up and ready to be asked."""
    budget = Budget(cases=request.cases, seconds=request.seconds)
    tokens = tokens_of(request.tokens)
    callers = callers_of(tokens)
    async with AsyncExitStack() as stack:
        if request.url:
            target = await stack.enter_async_context(loopback_target(request.url, toolbox.targets.hosts))
            contract = Contract.read(await document(target))
            subject = subject_of(target, contract, callers, None, request.seed, budget)
            yield Exercise(subject, None, toolbox.progress)
            return
        if not request.allow_project_code:
            raise ToolError(
                f"exercising {request.path} runs its code, in a process of its own with limits and without your "
                "environment. Pass allow_project_code=true to allow that"
            )
        project = find_project(toolbox.workspace, request.path, request.app)
        place = await stack.enter_async_context(ground(project, Engine(request.engine), toolbox.postgres))
        now = toolbox.clock()
        subject = await start(stack, place, tokens=tokens, now=now, seed=request.seed, budget=budget)
        yield Exercise(subject, place, toolbox.progress)


def callers_of(tokens: dict[str, str]) -> Callers:
    """The callers that tokens were given for.

    Raises:
        ToolError: a name is none of theirs.
    """
    try:
        return given(tokens)
    except ValueError as error:
        raise ToolError(f"tokens: {error}") from None
