"""A served backend under load: a mix of its own reads and writes, at rising rates, until it no longer keeps up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from backend.exercise.callers import Callers
from backend.exercise.contract import Contract, Operation
from backend.exercise.exchange import Call
from backend.exercise.ground import Ground
from backend.exercise.load.address import address
from backend.exercise.load.apart import apart
from backend.exercise.load.generator import Load, generate
from backend.exercise.load.result import LoadResult
from backend.exercise.load.saturation import Criteria, Saturation, saturate
from backend.exercise.load.workload import Mix, Part
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


@dataclass(frozen=True)
class Pressure:
    """How much load, and how far up."""

    start: float = 50.0
    most: float = 3000.0
    seconds: float = 2.0
    """Of each rate."""
    criteria: Criteria = field(default_factory=lambda: Criteria(p99=0.25))
    seed: int = 1


Told = Callable[[LoadResult], Awaitable[None]]


async def put_under_pressure(
    ground: Ground, contract: Contract, callers: Callers, pressure: Pressure, told: Told
) -> Saturation:
    """Serve the backend in a process of its own and raise the rate until it breaks; ``told`` hears of every rate.

    Raises:
        TargetGone: it does not start, or ends.
        WorldError: no request could be made that should succeed.
    """
    async with serve(served_app(ground)) as served, loopback_target(served.base) as target:
        world = World(target, contract, callers, blueprint=ground.project.blueprint, seed=pressure.seed)
        parts = await _parts(contract, callers, world)
        place = address(served.host, served.port)

        async def measure(rate: float) -> LoadResult:
            mix = Mix(parts, f"{served.host}:{served.port}", pressure.seed)
            load = Load(seconds=pressure.seconds, rate=rate, warm_up=0.3, timeout=5.0)
            result = await apart(lambda: generate(place, mix, load))
            await told(result)
            return result

        return await saturate(measure, start=pressure.start, most=pressure.most, criteria=pressure.criteria)


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


async def _parts(contract: Contract, callers: Callers, world: World) -> list[Part]:
    """Lists and single rows of every resource that can be made, and prepared creates of the first."""
    caller = callers.helper(callers["owner"]) if "owner" in callers else callers["anonymous"]
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
            if resource.create is not None and not creates:
                creates = [await world.request(resource.create, caller) for _ in range(BODIES)]
        except WorldError:
            continue
    if not reads:
        raise WorldError("no list and no row of the backend could be read; give a token of somebody who may")
    parts = [Part(f"GET {_template(contract, call)}", call, READS / len(reads)) for call in reads]
    if creates:
        parts.append(Part(f"POST {creates[0].path}", _next_of(iter(creates), reads[0]), WRITES))
    return parts


def _next_of(prepared: Iterator[Call], otherwise: Call) -> Callable[[Random], Call]:
    return lambda _random: next(prepared, otherwise)


def _template(contract: Contract, call: Call) -> str:
    path = call.path.partition("?")[0]
    matching = (each.path for each in contract.operations if each.method == call.method and _fits(each, path))
    return next(matching, path)


def _fits(operation: Operation, path: str) -> bool:
    wanted, given = operation.path.split("/"), path.split("/")
    return len(wanted) == len(given) and all(w == g or w.startswith("{") for w, g in zip(wanted, given, strict=True))
