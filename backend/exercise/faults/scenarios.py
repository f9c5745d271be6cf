"""The faults: each breaks one thing under traffic, puts it right, and judges what clients saw."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from backend.exercise.exchange import Answer, Call, Failure, TargetGone
from backend.exercise.faults import judge
from backend.exercise.faults.asking import ask
from backend.exercise.faults.gate import Gate
from backend.exercise.faults.stage import NotTested, Observation, Stage
from backend.exercise.faults.traffic import Sender
from backend.exercise.load.address import address
from backend.exercise.served import Served, serve

Break = Callable[[Sender], Awaitable[None] | None]

BURST = 3
"""How many times the pool is asked for at once where it is to be exhausted."""


async def database_gone(stage: Stage) -> Observation:
    """The database ends, and is back after a while."""
    gate = _database(stage)
    seen = await _disturbed(stage, "database-gone", gate, lambda _: gate.refuse(), stage.limits.outage)
    seen.failures += judge.degraded("fault.database-gone", seen.affected, stage.limits.longest)
    seen.failures += judge.readiness(seen.seen, seen.fault_from, seen.fault_to)
    return seen


async def redis_gone(stage: Stage) -> Observation:
    """Redis ends, and is back after a while; nothing may depend on it."""
    gate = _redis(stage)
    seen = await _disturbed(stage, "redis-gone", gate, lambda _: gate.refuse(), stage.limits.outage)
    return _without_redis(stage, seen)


async def redis_stalled(stage: Stage) -> Observation:
    """Redis takes requests and does not answer."""
    gate = _redis(stage)
    seen = await _disturbed(stage, "redis-stalled", gate, lambda _: gate.stall(), stage.limits.outage)
    return _without_redis(stage, seen)


def _without_redis(stage: Stage, seen: Observation) -> Observation:
    seen.failures += judge.served(f"fault.{seen.scenario}", seen.affected, "Redis")
    slow = (each for each in seen.affected if each.answer and each.seconds > stage.limits.longest)
    seen.failures += judge.failure(f"fault.{seen.scenario}", slow, f"waits over {stage.limits.longest:g} s for Redis")
    seen.failures += judge.health(seen.seen)
    return seen


async def slow_query(stage: Stage) -> Observation:
    """Every message to the database takes longer."""
    gate = _database(stage)
    delay = stage.limits.delay
    seen = await _disturbed(stage, "slow-query", gate, lambda _: gate.delay(delay), stage.limits.outage)
    seen.failures += judge.degraded("fault.slow-query", seen.affected, stage.limits.longest)
    seen.failures += judge.health(seen.seen)
    return seen


async def pool_exhausted(stage: Stage) -> Observation:
    """The database stops answering while more requests come than it has connections."""
    gate = _database(stage)

    async def stall(sender: Sender) -> None:
        gate.stall()
        burst = [
            sender.read() if number % 2 else sender.write(stage.marker()) for number in range(BURST * stage.pool_size)
        ]
        await asyncio.gather(*burst)

    seen = await _disturbed(stage, "pool-exhausted", gate, stall, 0.0)
    seen.failures += judge.degraded("fault.pool-exhausted", seen.affected, stage.limits.longest)
    seen.failures += judge.health(seen.seen)
    return seen


async def answer_lost(stage: Stage) -> Observation:
    """The database does what it is asked, but its answers are lost: a write may be stored without a word of it."""
    gate = _database(stage)

    async def mute(sender: Sender) -> None:
        gate.mute()
        await stage.sleep(stage.limits.outage)
        gate.cut()

    seen = await _disturbed(stage, "answer-lost", gate, mute, 0.0)
    seen.failures += judge.degraded("fault.answer-lost", seen.affected, stage.limits.longest)
    seen.failures += judge.health(seen.seen)
    return seen


def _database(stage: Stage) -> Gate:
    if stage.database is None:
        raise NotTested("the backend has no database server: there is no connection that could break")
    return stage.database


def _redis(stage: Stage) -> Gate:
    if stage.redis is None:
        raise NotTested("the backend runs without Redis")
    return stage.redis


async def _disturbed(stage: Stage, scenario: str, gate: Gate, broken: Break, outage: float) -> Observation:
    """Traffic before, during and after; what was stored is counted at the end."""
    observation = Observation(scenario)
    async with serve(stage.app) as served:
        sender = stage.sender(served)
        sender.start()
        try:
            await stage.sleep(stage.limits.before)
            _well_before(sender)
            observation.fault_from = stage.clock()
            try:
                breaking = broken(sender)
                if inspect.isawaitable(breaking):
                    await breaking
                await stage.sleep(outage)
            finally:
                await gate.resume()
            observation.fault_to = stage.clock()
            await _calm(stage, sender, observation.fault_to)
            await sender.stop()
        finally:
            sender.cancel()
        await sender.settle()
        _recovered(stage, observation, sender)
        await count_rows(stage, served, observation)
    return observation


def _well_before(sender: Sender) -> None:
    """Make sure that what is seen later comes from the fault."""
    ill = [each for each in sender.seen if each.role in ("read", "write") and not each.good]
    if ill or not sender.seen:
        first = f"{judge.operation(ill[0])} ended with {ill[0].outcome}" if ill else "nothing was answered"
        raise NotTested(f"the traffic is not served without any fault either: {first}")


async def _calm(stage: Stage, sender: Sender, returned: float) -> None:
    """Wait until all has been well for a while, or should have been."""
    limits = stage.limits
    while stage.clock() < returned + limits.recovery + limits.calm:
        await stage.sleep(limits.calm / 4)
        since = max(returned, stage.clock() - limits.calm)
        recent = [each for each in sender.seen if each.ended > since]
        if since > returned and recent and all(each.good for each in recent):
            return


def _recovered(stage: Stage, observation: Observation, sender: Sender) -> None:
    observation.seen = sender.seen
    traffic = [each for each in sender.seen if each.role in ("read", "write")]
    observation.recovery = judge.recovery_seconds(traffic, observation.fault_to)
    observation.failures += judge.recovery(traffic, observation.fault_to, stage.limits.recovery)


async def count_rows(stage: Stage, served: Served, observation: Observation) -> None:
    """Ask the backend which rows there are, and compare with what it acknowledged."""
    target = address(served.host, served.port)

    async def asking(call: Call) -> Answer:
        seen = await ask(target, "count", call, stage.limits.patience, stage.clock)
        if seen.answer is None:
            raise TargetGone(f"{call.method} {call.path} ended with: {seen.error}")
        return seen.answer

    try:
        observation.stored = await stage.traffic.stored(asking)
    except (ValueError, LookupError, TypeError, TargetGone) as reason:
        observation.failures.append(
            Failure("fault.recovery", judge.operation(observation.seen[0]), f"rows cannot be counted: {reason}")
        )
        return
    observation.failures += judge.writes(observation.seen, observation.stored)
