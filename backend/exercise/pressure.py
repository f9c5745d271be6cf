"""A served backend under load: a mix of its own reads and writes, at rising rates, until it no longer keeps up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from backend.exercise.callers import Caller, Callers
from backend.exercise.contract import Contract, Operation
from backend.exercise.exchange import Call, Target
from backend.exercise.ground import Ground
from backend.exercise.load.address import address
from backend.exercise.load.profile import LoadProfile, ProfilePlan, Progress, profile
from backend.exercise.load.workload import Part
from backend.exercise.loopback_target import loopback_target
from backend.exercise.served import App, serve
from backend.exercise.world import World, WorldError

ROWS = 30
"""Of each resource, made before the load so that lists have something in them."""

BODIES = 400
"""Creates that are prepared; a mix that has used them up sends reads in their place."""

READS, WRITES = 9.0, 1.0
"""Weights in the mix."""

FACTORIES = ("create_", "make_", "build_", "get_")
"""How functions that make an application begin."""


async def put_under_pressure(
    ground: Ground, contract: Contract, callers: Callers, plan: ProfilePlan, progress: Progress
) -> LoadProfile:
    """Serve the backend in a process of its own, load it steadily, then raise the rate until it breaks.

    Raises:
        TargetGone: it does not start, or ends.
        WorldError: no request could be made that should succeed.
    """
    async with serve(served_app(ground)) as served, loopback_target(served.base) as target:
        world = World(target, contract, callers, blueprint=ground.project.blueprint, seed=plan.seed)
        parts = await _parts(contract, callers, world, target)
        return await profile(address(served.host, served.port), parts, plan, progress)


def served_app(ground: Ground, **environment: str) -> App:
    """What to serve, with ``environment`` in addition to the ground's."""
    project = ground.project
    attribute = project.app.rpartition(":")[2]
    return App(
        app=project.app,
        folder=project.folder,
        environment={**ground.environment, **environment},
        factory=attribute.startswith(FACTORIES),
        python=project.python,
        options={"access_log": False, "log_level": "warning"},
    )


async def _parts(contract: Contract, callers: Callers, world: World, target: Target) -> list[Part]:
    """Lists and single rows of every resource that can be made, and prepared creates of the first."""
    caller = callers.maker
    reads: list[Call] = []
    creates: list[Call] = []
    for resource in contract.resources:
        try:
            if resource.create is not None:
                for _ in range(ROWS):
                    await world.make(resource, caller)
            for operation in (resource.list, resource.get):
                if operation is not None:
                    reads.append(await world.request(operation, caller))
            if resource.create is not None and not creates and await _repeats(world, target, resource.create, caller):
                creates = [await world.request(resource.create, caller) for _ in range(BODIES)]
        except WorldError:
            continue
    if not reads:
        raise WorldError("no list and no row of the backend could be read; give a token of somebody who may")
    parts = [Part(f"GET {_template(contract, call)}", call, READS / len(reads)) for call in reads]
    if creates:
        parts.append(Part(f"POST {creates[0].path}", _next_of(iter(creates), reads[0]), WRITES))
    return parts


async def _repeats(world: World, target: Target, create: Operation, caller: Caller) -> bool:
    """Whether the caller can make one row after the other: some may have only one of a kind."""
    answers = [await target.call(await world.request(create, caller)) for _ in range(2)]
    return all(answer.status == 201 for answer in answers)


def _next_of(prepared: Iterator[Call], otherwise: Call) -> Callable[[Random], Call]:
    return lambda _random: next(prepared, otherwise)


def _template(contract: Contract, call: Call) -> str:
    path = call.path.partition("?")[0]
    matching = (each.path for each in contract.operations if each.method == call.method and _fits(each, path))
    return next(matching, path)


def _fits(operation: Operation, path: str) -> bool:
    wanted, given = operation.path.split("/"), path.split("/")
    return len(wanted) == len(given) and all(w == g or w.startswith("{") for w, g in zip(wanted, given, strict=True))
