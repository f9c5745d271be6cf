"""A blueprint as a running backend, for as long as it is looked at."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from backend.engines.postgres.folders import held_folder
from backend.exercise.ground import Engine, Ground, ground
from backend.exercise.project import SCAFFOLDED, Project
from backend.exercise.subject import Budget, Subject
from backend.exercise.suite import start
from backend.scaffold.render import render_project
from knowledge.blueprint.model import Blueprint

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost


@dataclass(frozen=True)
class Mounted:
    """A backend that is up."""

    subject: Subject
    ground: Ground
    files: Mapping[str, str]
    """What it was rendered as, by path."""


@asynccontextmanager
async def mounted(
    blueprint: Blueprint, host: PostgresHost, *, now: datetime, seed: int, budget: Budget
) -> AsyncIterator[Mounted]:
    """Render ``blueprint``, migrate a database made for it and start it, in a process of its own with limits.

    Raises:
        ScaffoldError: it cannot be rendered.
        EngineError: the database cannot be started.
        NotExercisable: its migrations fail.
        TargetGone: it does not start.
    """
    files = await asyncio.to_thread(render_project, blueprint)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(held_folder()) / "project"
        await asyncio.to_thread(_write, folder, files)
        project = Project(folder, SCAFFOLDED, sys.executable, blueprint)
        place = await stack.enter_async_context(ground(project, Engine.POSTGRES, host))
        subject = await start(stack, place, tokens={}, now=now, seed=seed, budget=budget)
        yield Mounted(subject, place, files)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
