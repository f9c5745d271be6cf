"""The scaffolded shop on disk, sound or with a bug in it, running and ready to be exercised."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter

from backend.engines.postgres.host import PostgresHost
from backend.exercise.asgi_target import AsgiTarget, asgi_target
from backend.exercise.contract import Contract
from backend.exercise.exchange import Answer, Call
from backend.exercise.ground import Engine, Ground, ground
from backend.exercise.project import SCAFFOLDED, Project
from backend.exercise.subject import Budget, Subject
from backend.exercise.suite import scaffolded_callers, subject_of
from backend.scaffold.render import render_project
from benchmarks.mutants.record import Mutant, mutated
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop.yaml"
SQLITE_FILE = "run.db"


@cache
def blueprint() -> Blueprint:
    """Of the shop."""
    return read_blueprint(SHOP.read_text(encoding="utf-8"), path=SHOP.name)


@cache
def shop_files() -> Mapping[str, str]:
    """The shop as it is rendered, by path."""
    return render_project(blueprint())


class Counted:
    """A target that counts its requests and the seconds since the first."""

    observes_sql = True

    def __init__(self, target: AsgiTarget) -> None:
        self.target = target
        self.requests = 0
        self.began = perf_counter()

    @property
    def seconds(self) -> float:
        """Since it was made or set back."""
        return perf_counter() - self.began

    def reset(self) -> None:
        """Count from here."""
        self.requests, self.began = 0, perf_counter()

    async def call(self, call: Call) -> Answer:
        """As the target."""
        self.requests += 1
        return await self.target.call(call)

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        """As the target."""
        self.requests += len(calls)
        return await self.target.together(calls)

    async def killed(self, call: Call, before: str) -> Answer | None:
        """As the target."""
        self.requests += 1
        return await self.target.killed(call, before)

    async def restart(self) -> None:
        """As the target."""
        await self.target.restart()


@dataclass(frozen=True)
class Shop:
    """A running shop."""

    subject: Subject
    ground: Ground
    counted: Counted


class Yard:
    """Where shops are set up: one PostgreSQL for all, and one migrated SQLite file that each gets a copy of.

    Args:
        folder: for everything that is written; it must be empty.
        postgres: for those that run on it.
    """

    def __init__(self, folder: Path, postgres: PostgresHost) -> None:
        self._folder, self._postgres = folder, postgres
        self._migrated: Ground | None = None

    @asynccontextmanager
    async def shop(
        self, mutant: Mutant | None = None, *, engine: str = "", budget: Budget | None = None, seed: int = 1
    ) -> AsyncIterator[Shop]:
        """The shop with the bug, or the sound one, on ``engine`` or that of the mutant.

        Raises:
            MutantError: the mutant does not fit.
            TargetGone: the shop does not start.
        """
        wanted = Engine(engine or (mutant.engine if mutant is not None else "sqlite"))
        async with AsyncExitStack() as stack:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._folder)))
            project = self._written(place / "shop", mutant)
            made = await self._ground(stack, project, wanted, place)
            counted = Counted(await stack.enter_async_context(asgi_target(made.application())))
            openapi = counted.target.openapi
            assert openapi is not None
            callers = scaffolded_callers(made, blueprint(), datetime.now(UTC), seed)
            contract = Contract.read(openapi)
            subject = subject_of(counted, contract, callers, blueprint(), seed, budget or Budget())
            yield Shop(subject, made, counted)

    def _written(self, folder: Path, mutant: Mutant | None) -> Project:
        files = shop_files() if mutant is None else mutated(shop_files(), mutant)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return Project(folder, SCAFFOLDED, sys.executable, blueprint())

    async def _ground(self, stack: AsyncExitStack, project: Project, engine: Engine, place: Path) -> Ground:
        if engine is not Engine.SQLITE:
            return await stack.enter_async_context(ground(project, engine, self._postgres))
        kept = self._folder / SQLITE_FILE
        if self._migrated is None:
            async with ground(project, engine, self._postgres) as made:
                shutil.copy(_file_of(made), kept)
                self._migrated = made
        shutil.copy(kept, place / SQLITE_FILE)
        environment = {**self._migrated.environment, "DATABASE_URL": f"sqlite+aiosqlite:///{place / SQLITE_FILE}"}
        return replace(self._migrated, project=project, environment=environment)


def _file_of(made: Ground) -> str:
    return made.environment["DATABASE_URL"].partition(":///")[2]
