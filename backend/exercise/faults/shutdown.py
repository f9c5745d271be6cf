"""SIGTERM during traffic: what had begun must be answered, and the process must end by itself."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

from backend.exercise.exchange import Call, Failure, TargetGone
from backend.exercise.faults import judge
from backend.exercise.faults.asking import OneRequest, Seen, ask, watched
from backend.exercise.faults.scenarios import count_rows
from backend.exercise.faults.stage import NotTested, Observation, Stage
from backend.exercise.load.address import Address, address
from backend.exercise.served import Served, serve

IN_FLIGHT = 6
GRACEFUL = (0, -signal.SIGTERM, 128 + signal.SIGTERM)
"""Exit codes after SIGTERM: an end of one's own, or by the signal once all is done (uvicorn raises it again)."""


async def shutdown(stage: Stage) -> Observation:
    """Requests whose last byte comes only after the signal are in flight when it arrives, on any database."""
    observation = Observation("shutdown")
    async with serve(stage.app) as served:
        target = address(served.host, served.port)
        calls = [(marker, _write(stage, marker)) for marker in (stage.marker() for _ in range(IN_FLIGHT))]
        begun = [(marker, call, OneRequest(target, call)) for marker, call in calls]
        try:
            for _, _, request in begun:
                await request.begin()
            await _is_up(stage, target)
            observation.fault_from = observation.fault_to = stage.clock()
            served.signal(signal.SIGTERM)
            await _notice(stage, target)
            observation.seen = list(
                await asyncio.gather(
                    *(
                        watched(request, "write", call, stage.limits.patience, stage.clock, marker, begun=True)
                        for marker, call, request in begun
                    )
                )
            )
        finally:
            for _, _, request in begun:
                request.close()
        observation.failures += _judged(observation.seen)
        observation.failures += await _ended(stage, served, observation.seen[0])
        observation.recovery = stage.clock() - observation.fault_to
    async with serve(stage.app) as again:
        await count_rows(stage, again, observation)
    return observation


def _write(stage: Stage, marker: str) -> Call:
    call = stage.traffic.write(marker)
    if not call.body:
        raise NotTested("the write has no body whose last byte could be held back")
    if stage.traffic.idempotent:
        call = replace(call, headers={**call.headers, "Idempotency-Key": marker})
    return call


async def _is_up(stage: Stage, target: Address) -> None:
    """One more request, after whose answer the server has read what the earlier ones sent."""
    seen = await ask(target, "health", Call("GET", stage.traffic.health), stage.limits.patience, stage.clock)
    if not seen.good:
        raise NotTested(f"the traffic is not served without any fault either: it ended with {seen.outcome}")


async def _notice(stage: Stage, target: Address) -> None:
    """Wait until new connections are refused: the server has taken the signal."""
    until = stage.clock() + stage.limits.longest
    while stage.clock() < until:
        probe = await ask(target, "health", Call("GET", stage.traffic.health), 0.2, stage.clock)
        if probe.error in ("refused", "reset"):
            return
        await stage.sleep(0.01)


def _judged(seen: list[Seen]) -> list[Failure]:
    refused = [each for each in seen if each.answer and each.answer.status == 503]
    bad = [each for each in seen if not each.good and each not in refused]
    found = list(judge.leaks(seen))
    for outcome in sorted({each.outcome for each in bad}):
        matching = (each for each in bad if each.outcome == outcome)
        found += judge.failure(
            "fault.shutdown", matching, f"in flight at SIGTERM it must be answered; it ended with {outcome}"
        )
    return found


async def _ended(stage: Stage, served: Served, witness: Seen) -> list[Failure]:
    """Whether the process ends by itself and says that all went well."""
    try:
        code = await served.ended(stage.limits.shutdown)
    except TargetGone as late:
        return [Failure("fault.shutdown", judge.operation(witness), str(late), witness.evidence)]
    if code in GRACEFUL:
        return []
    message = f"after SIGTERM the process ended with exit code {code}{served.quote()}"
    return [Failure("fault.shutdown", judge.operation(witness), message, witness.evidence)]
