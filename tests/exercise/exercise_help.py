"""A subject on the sample backend, in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from backend.exercise.asgi_target import asgi_target
from backend.exercise.callers import Signing, given, minted
from backend.exercise.contract import Contract
from backend.exercise.exchange import Answer, Call, Target
from backend.exercise.process import Application
from backend.exercise.subject import Budget, Subject
from backend.exercise.world import World

HERE = Path(__file__).parent
SECRET = "a secret of more than thirty-two bytes"
SIGNING = Signing(SECRET, "sample", "sample")


def sample(bugs: str = "", *, auth: bool = False) -> Application:
    """The sample backend with planted faults."""
    environment = {"SAMPLE_BUGS": bugs, "SAMPLE_AUTH": SECRET if auth else ""}
    return Application("sample_app:create_app", HERE, environment)


@asynccontextmanager
async def subject(
    bugs: str = "", *, auth: bool = False, budget: Budget | None = None, seed: int = 1, seconds: float = 3
) -> AsyncIterator[Subject]:
    """The sample backend, started, with callers and a world."""
    async with asgi_target(sample(bugs, auth=auth), seconds) as target:
        assert target.openapi is not None
        yield subject_on(target, Contract.read(target.openapi), auth=auth, budget=budget, seed=seed)


def subject_on(
    target: Target, contract: Contract, *, auth: bool = False, budget: Budget | None = None, seed: int = 1
) -> Subject:
    """A subject on a target that runs."""
    callers = minted(SIGNING, now=datetime.now(UTC), tenants=False) if auth else given({})
    world = World(target, contract, callers, seed=seed)
    return Subject(target, contract, callers, world, None, seed, budget or Budget())


class Recording:
    """A target that keeps the requests it passes on."""

    observes_sql = True

    def __init__(self, target: Target) -> None:
        self.target, self.calls = target, list[Call]()

    async def call(self, call: Call) -> Answer:
        self.calls.append(call)
        return await self.target.call(call)

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        self.calls += calls
        return await self.target.together(calls)
