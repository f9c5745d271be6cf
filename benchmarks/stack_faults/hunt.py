"""The blog of one stack, sound or with a fault in it, exercised as ``exercise_backend`` does it by default."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter

from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Failure
from backend.exercise.ground import Engine, ground
from backend.exercise.project import SCAFFOLDED, Project, typescript_project
from backend.exercise.subject import Budget
from backend.exercise.suite import QUICK, Check, Exercise, run_checks, start
from backend.scaffold.render import render_project
from backend.scaffold.stack import Stack
from backend.scaffold.typescript.render import render_typescript
from benchmarks.mutants.record import Edit, MutantError
from benchmarks.stack_faults.faults import Fault
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

BLOG = Path(__file__).resolve().parents[2] / "examples" / "blog.yaml"
DEFAULT = Budget(cases=1000, seconds=60)
SEED = 1


@dataclass(frozen=True)
class Hunted:
    """What the checks said of one backend."""

    failures: tuple[Failure, ...]
    seconds: float
    """Until the section that noticed it was over; of a sound one, until the end."""


@cache
def blueprint() -> Blueprint:
    """Of the blog."""
    return read_blueprint(BLOG.read_text(encoding="utf-8"))


@cache
def sound(stack: Stack) -> Mapping[str, str]:
    """The blog as it is rendered, by path."""
    return render_typescript(blueprint()) if stack is Stack.TYPESCRIPT else render_project(blueprint())


def planted(files: Mapping[str, str], edits: tuple[Edit, ...]) -> dict[str, str]:
    """The files with the edits made.

    Raises:
        MutantError: a text to replace is not there exactly once.
    """
    changed = dict(files)
    for edit in edits:
        found = changed.get(edit.path, "").count(edit.old)
        if found != 1:
            raise MutantError(f"{edit.path} has {found} times {edit.old!r}")
        changed[edit.path] = changed[edit.path].replace(edit.old, edit.new)
    return changed


@asynccontextmanager
async def blog(
    stack: Stack, fault: Fault | None, folder: Path, packages: Path, host: PostgresHost
) -> AsyncIterator[Exercise]:
    """The blog, up; ``packages`` is a ``node_modules`` with what the TypeScript one needs."""
    files = planted(sound(stack), fault.edits(stack)) if fault is not None else sound(stack)
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    if stack is Stack.TYPESCRIPT:
        (folder / "node_modules").symlink_to(packages)
        project = typescript_project(folder, blueprint())
    else:
        project = Project(folder, SCAFFOLDED, sys.executable, blueprint())
    async with AsyncExitStack() as exit_stack:
        place = await exit_stack.enter_async_context(ground(project, Engine.SQLITE, host))
        now = datetime.now(UTC)
        subject = await start(exit_stack, place, tokens={}, now=now, seed=SEED, budget=DEFAULT)
        yield Exercise(subject, place, _silent)


async def hunt(exercise: Exercise, checks: Sequence[Check] = QUICK, *, whole: bool = False) -> Hunted:
    """Run the default checks (or ``checks``), up to the first that fails (or all where ``whole``)."""
    began, failures = perf_counter(), []
    for check in checks:
        (section,) = await run_checks(exercise, [check])
        failures += section.failures
        if failures and not whole:
            break
    return Hunted(tuple(failures), perf_counter() - began)


async def _silent(_done: float, _total: float, _message: str) -> None:
    """Nobody watches."""
