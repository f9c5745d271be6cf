"""A subject on the lawful sample, in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from lawful_store import BLUEPRINT

from backend.exercise.asgi_target import asgi_target
from backend.exercise.callers import Signing, minted
from backend.exercise.contract import Contract
from backend.exercise.laws import law, try_law
from backend.exercise.laws.trial import Verdict
from backend.exercise.process import Application
from backend.exercise.subject import Subject
from backend.exercise.world import World
from knowledge.blueprint.reader import read_blueprint

SIGNING = Signing("a secret of more than thirty-two bytes", "lawful", "lawful")
BARE: str = getattr(sys, "_base_executable", sys.executable)
"""The interpreter without the packages of the environment, which the sample does not need: it starts at once."""


@asynccontextmanager
async def lawful(bugs: str = "", *, rate: int = 0, blueprint: bool = True, seed: int = 1) -> AsyncIterator[Subject]:
    """The lawful sample with planted faults."""
    environment = {"LAWFUL_BUGS": bugs, "LAWFUL_RATE": str(rate), "LAWFUL_SECRET": SIGNING.secret}
    application = Application("lawful_app:create_app", Path(__file__).parent, environment, python=BARE)
    async with asgi_target(application, 5) as target:
        assert target.openapi is not None
        contract = Contract.read(target.openapi)
        callers = minted(SIGNING, now=datetime.now(UTC), seed=seed)
        plan = read_blueprint(BLUEPRINT) if blueprint else None
        world = World(target, contract, callers, blueprint=plan, seed=seed)
        yield Subject(target, contract, callers, world, plan, seed)


async def judged(law_id: str, bugs: str = "", *, rate: int = 0, blueprint: bool = True) -> Verdict:
    """One law against the sample."""
    async with lawful(bugs, rate=rate, blueprint=blueprint) as subject:
        return await try_law(subject, law(law_id))
