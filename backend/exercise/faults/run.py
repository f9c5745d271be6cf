"""Running the fault scenarios one after the other, each on a fresh process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from backend.exercise.exchange import Failure, TargetGone
from backend.exercise.faults.scenarios import (
    answer_lost,
    database_gone,
    pool_exhausted,
    redis_gone,
    redis_stalled,
    slow_query,
)
from backend.exercise.faults.shutdown import shutdown
from backend.exercise.faults.stage import FaultReport, NotTested, Observation, Stage

SCENARIOS: dict[str, Callable[[Stage], Awaitable[Observation]]] = {
    "database-gone": database_gone,
    "redis-gone": redis_gone,
    "redis-stalled": redis_stalled,
    "slow-query": slow_query,
    "pool-exhausted": pool_exhausted,
    "answer-lost": answer_lost,
    "shutdown": shutdown,
}


async def _quiet(message: str) -> None:
    """Progress that nobody watches."""


async def run_faults(
    stage: Stage, only: Collection[str] = tuple(SCENARIOS), progress: Callable[[str], Awaitable[None]] = _quiet
) -> FaultReport:
    """Run the scenarios named in ``only``, in their usual order; ``progress`` is told which begins.

    One that does not apply, or that could not begin, is among ``not_tested`` with its reason. A backend that does
    not start fails the scenario.
    """
    observations: list[Observation] = []
    not_tested: dict[str, str] = {}
    for name, scenario in SCENARIOS.items():
        if name not in only:
            continue
        await progress(f"fault: {name}")
        try:
            observations.append(await scenario(stage))
        except NotTested as reason:
            not_tested[name] = str(reason)
        except TargetGone as gone:
            failure = Failure(f"fault.{name}", stage.traffic.read.method + " " + stage.traffic.read.path, str(gone))
            observations.append(Observation(name, failures=[failure]))
    return FaultReport(tuple(observations), not_tested)


def fault_table(report: FaultReport) -> str:
    """What the clients saw, as a Markdown table; reads and writes are counted from the beginning of the fault."""
    lines = [
        "| fault | reads | writes | /readyz | longest wait s | served again after s"
        " | acknowledged | lost | doubled | verdict |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for each in report.observations:
        counts = [_counts(each, role) for role in ("read", "write", "ready")]
        told, lost, doubled = _writes(each)
        verdict = "FAIL" if each.failures else "PASS"
        lines.append(
            f"| {each.scenario} | {' | '.join(counts)} | {each.longest:.2f} | {each.recovery:.2f} "
            f"| {told} | {lost} | {doubled} | {verdict} |"
        )
    lines += [f"| {name} | NOT TESTED: {reason} |" + " |" * 8 for name, reason in report.not_tested.items()]
    return "\n".join(lines)


def _counts(observation: Observation, role: str) -> str:
    outcomes = sorted(observation.outcomes(role).items())
    return ", ".join(f"{count} x {outcome}" for outcome, count in outcomes) or "-"


def _writes(observation: Observation) -> tuple[str, str, str]:
    """Writes that were acknowledged, lost and doubled; a question mark where the rows could not be counted."""
    writes = [seen for seen in observation.seen if seen.role == "write"]
    told = {seen.marker for seen in writes if seen.good}
    stored = observation.stored
    if stored is None:
        return str(len(told)), "?", "?"
    lost = sum(not stored[marker] for marker in told)
    doubled = sum(stored[marker] > 1 for marker in {seen.marker for seen in writes})
    return str(len(told)), str(lost), str(doubled)
