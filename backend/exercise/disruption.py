"""A served backend while its database or Redis misbehaves: which traffic is sent, and through which gates."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.exercise.callers import Caller, Callers
from backend.exercise.contract import Contract, Resource
from backend.exercise.derivation import properties
from backend.exercise.exchange import Call
from backend.exercise.faults.gate import Gate
from backend.exercise.faults.run import SCENARIOS, run_faults
from backend.exercise.faults.stage import FaultReport, Stage
from backend.exercise.faults.traffic import Traffic, listed
from backend.exercise.ground import Ground
from backend.exercise.loopback_target import loopback_target
from backend.exercise.pressure import served_app
from backend.exercise.schemas import Schema
from backend.exercise.served import serve
from backend.exercise.world import World, WorldError

if TYPE_CHECKING:
    from knowledge.blueprint.model import Blueprint

MARKER_LENGTH = 32
POOL = 4
"""Connections the backend may open: few, so that it takes little traffic to use them all up."""


@dataclass(frozen=True)
class Marked:
    """A resource whose rows can be told apart by a text of ours."""

    resource: Resource
    field: str
    caller: Caller


async def disrupt(
    ground: Ground, contract: Contract, callers: Callers, only: Collection[str] = tuple(SCENARIOS)
) -> FaultReport:
    """Run the fault scenarios.

    Raises:
        TargetGone: the backend does not start.
        WorldError: there is no resource whose rows could be told apart.
    """
    marked = _marked(contract, callers, ground.project.blueprint)
    async with serve(served_app(ground)) as served, loopback_target(served.base) as target:
        world = World(target, contract, callers, blueprint=ground.project.blueprint)
        assert marked.resource.create is not None
        template = await world.request(marked.resource.create, marked.caller)
    async with _gates(ground) as (environment, database, redis):
        stage = Stage(
            app=served_app(ground, **environment, DATABASE_POOL_SIZE=str(POOL), DATABASE_POOL_OVERFLOW="0"),
            traffic=_traffic(marked, template),
            database=database,
            redis=redis,
            pool_size=POOL,
        )
        return await run_faults(stage, only)


def _marked(contract: Contract, callers: Callers, blueprint: Blueprint | None) -> Marked:
    caller = callers.maker
    for resource in contract.resources:
        if resource.create is None or resource.create.body is None or resource.list is None:
            continue
        for field, schema in properties(contract.schemas, resource.create.body).items():
            if _takes_markers(contract.schemas.resolve(schema)) and _repeatable(resource, field, blueprint):
                return Marked(resource, field, caller)
    raise WorldError("no resource can be created, listed and marked by a text of 32 characters")


def _takes_markers(schema: Schema) -> bool:
    free = schema.get("type") == "string" and {"format", "enum", "const"}.isdisjoint(schema)
    matches = re.search(schema.get("pattern", ""), "0123456789abcdef" * 2)
    return free and schema.get("maxLength", 255) >= MARKER_LENGTH and matches is not None


def _repeatable(resource: Resource, field: str, blueprint: Blueprint | None) -> bool:
    """Whether rows that differ in nothing but ``field`` can stand side by side."""
    wanted = blueprint.resources.get(resource.name) if blueprint else None
    if wanted is None:
        return True
    unique = {name for name, spec in wanted.fields.items() if spec.unique}
    return unique <= {field} and wanted.owner != "self" and not wanted.unique


def _traffic(marked: Marked, template: Call) -> Traffic:
    body = json.loads(template.body)
    resource = marked.resource
    headers = {**marked.caller.headers}

    def write(marker: str) -> Call:
        sent = {**body, marked.field: marker}
        return Call("POST", template.path, {**template.headers, "Idempotency-Key": marker}, json.dumps(sent).encode())

    return Traffic(
        write=write,
        read=Call("GET", f"{resource.collection}?limit=5", headers),
        stored=listed(f"{resource.collection}?limit=100", marked.field, headers),
    )


@asynccontextmanager
async def _gates(ground: Ground) -> AsyncIterator[tuple[dict[str, str], Gate | None, Gate | None]]:
    """Gates before what the backend reaches over a socket, and the variables that lead it through them."""
    environment: dict[str, str] = {}
    database = redis = None
    async with AsyncExitStack() as stack:
        if ground.postgres_socket is not None:
            database = await stack.enter_async_context(Gate(ground.postgres_socket))
            url = ground.environment["DATABASE_URL"].partition("?host=")[0]
            environment["DATABASE_URL"] = url.replace("@/", f"@{database.host}:{database.port}/")
        if ground.redis_socket is not None:
            redis = await stack.enter_async_context(Gate(ground.redis_socket))
            environment["REDIS_URL"] = f"redis://{redis.host}:{redis.port}/0"
        yield environment, database, redis
