"""The checks of a run, each as a section of its report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from backend.exercise.exchange import Failure
from backend.exercise.suite import Check, Exercise, Section, document, start_like
from knowledge.report import Artifact, Fact, Table

if TYPE_CHECKING:
    from backend.exercise.laws import Law, LawResults

MOST_REASONS = 8
"""Of what was not tested, shown with a check."""

LIMITS = "law.rate-limit-truth"
"""Held in a process of its own: everything else would run into the limits."""

NEEDS_GROUND = "needs a backend that is started here: give its project, not its URL"
NEEDS_PYTHON = "serves projects in Python only, so far"


async def smoke(exercise: Exercise) -> Section:
    """Every operation once."""
    from backend.exercise.smoke import smoke as run

    reached, failures = await run(exercise.subject)
    rows = [
        [row.operation, row.caller, str(row.status or "-"), f"{row.milliseconds:.1f}", str(row.statements)]
        for row in reached
    ]
    missed = [f"{row.operation}: {row.reason}" for row in reached if row.reason]
    columns = ["operation", "caller", "status", "ms", "SQL"]
    return Section(
        Check.SMOKE,
        failures,
        [Fact(name="operations", value=f"{len(reached) - len(missed)} of {len(reached)} reached")],
        [Table(title="Operations", columns=columns, rows=rows)],
        _some("smoke", missed),
    )


async def access(exercise: Exercise) -> Section:
    """Every operation as every caller."""
    from backend.exercise.access import access_matrix

    matrix = await access_matrix(exercise.subject)
    tested = len(matrix.cells) - len(matrix.untested)
    missed = [f"{cell.operation} as {cell.caller}: {cell.reason}" for cell in matrix.untested]
    return Section(
        Check.ACCESS,
        matrix.failures,
        [Fact(name="access", value=f"{tested} of {len(matrix.cells)} cells tried, {len(matrix.failures)} wrong")],
        not_tested=_some("access", missed),
        artifacts=[Artifact(name="access.txt", text=matrix.table())],
    )


async def laws(exercise: Exercise) -> Section:
    """What is true of every sound backend; that of rate limits in a process in which they are on."""
    from backend.exercise.laws import all_laws, try_law
    from backend.exercise.laws import law as law_of

    ground = exercise.ground
    if ground is None or ground.project.blueprint is None:
        return _told(Check.LAWS, await _held(exercise, all_laws()))
    results = await _held(exercise, [law for law in all_laws() if law.id != LIMITS])
    async with AsyncExitStack() as stack:
        limited = await start_like(stack, exercise.subject, ground, RATE_LIMIT_ENABLED="true")
        results.verdicts.append(await try_law(limited, law_of(LIMITS)))
    return _told(Check.LAWS, results)


async def concurrency(exercise: Exercise) -> Section:
    """Requests that are under way at the same time."""
    from backend.exercise.concurrency import all_races
    from backend.exercise.crash import all_crashes

    return _told(Check.CONCURRENCY, await _held(exercise, (*all_races(), *all_crashes())))


async def _held(exercise: Exercise, laws: Sequence[Law]) -> LawResults:
    from backend.exercise.laws import run_laws

    return await run_laws(exercise.subject, laws)


def _told(check: Check, results: LawResults) -> Section:
    broken = sum(1 for verdict in results.verdicts if verdict.failures)
    held = sum(1 for verdict in results.verdicts if verdict.held and not verdict.failures)
    rest = len(results.verdicts) - held - broken
    lines, missed = [], []
    for verdict in results.verdicts:
        lines.append(f"{verdict.law}: {len(verdict.held)} held, {len(verdict.failures)} broke it")
        lines += [f"  not tested, {where}: {reason}" for where, reason in verdict.untested.items()]
        if not verdict.tested:
            missed.append(f"{verdict.law}: {next(iter(verdict.untested.values()), 'nothing to hold it against')}")
    return Section(
        check,
        results.failures,
        [Fact(name=check.value, value=f"{held} kept, {broken} broken, {rest} with nothing to hold them against")],
        not_tested=_some(check.value, missed),
        artifacts=[Artifact(name=f"{check.value}.txt", text="\n".join(lines))],
    )


async def budget(exercise: Exercise) -> Section:
    """Statements of each operation, with few rows and with many."""
    from backend.exercise.budget import statement_budget

    found = await statement_budget(exercise.subject)
    most = max((len(each.many) for each in found.measures), default=0)
    missed = [f"{operation}: {reason}" for operation, reason in found.untested.items()]
    return Section(
        Check.BUDGET,
        found.failures,
        [Fact(name="SQL", value=f"{len(found.measures)} operations measured, at most {most} statements each")],
        not_tested=_some("budget", missed),
        artifacts=[Artifact(name="budget.txt", text=found.table())],
    )


async def fuzz(exercise: Exercise) -> Section:
    """Valid and invalid requests against the contract."""
    from backend.exercise.fuzz.run import fuzz as run

    result = await run(exercise.subject)
    rate = result.cases / result.seconds if result.seconds else 0
    missed = [f"{operation}: {reason}" for operation, reason in result.unreached.items()]
    if not result.complete:
        missed.append(f"only {result.cases} of {exercise.subject.budget.cases} cases were tried in the time given")
    return Section(
        Check.FUZZ,
        result.failures,
        [Fact(name="fuzz", value=f"{result.cases} cases, {rate:.0f} a second, seed {exercise.subject.seed}")],
        not_tested=_some("fuzz", missed),
    )


async def schemathesis(exercise: Exercise) -> Section:
    """What another tool says of the same contract."""
    from backend.exercise.pressure import served_app
    from backend.exercise.second_opinion import NoSecondOpinion, second_opinion
    from backend.exercise.served import serve

    if reason := _unserved(exercise):
        return Section(Check.SCHEMATHESIS, not_tested=[f"schemathesis {reason}"])
    assert exercise.ground is not None
    subject = exercise.subject
    caller = subject.callers.helper(subject.everyday)
    try:
        async with serve(served_app(exercise.ground)) as served:
            contract = await document(subject.target)
            found = await second_opinion(
                served.base, contract, headers=caller.headers, seconds=subject.budget.seconds, seed=subject.seed
            )
    except NoSecondOpinion as reason:
        return Section(Check.SCHEMATHESIS, not_tested=[f"schemathesis: {reason}"])
    missed = [*found.errors, *([] if found.complete else ["its time was up before its end"])]
    return Section(
        Check.SCHEMATHESIS,
        [
            Failure(f"schemathesis.{each.code}", each.operations[0], f"{each.title} ({each.count} times)")
            for each in found.opinions
        ],
        [Fact(name="schemathesis", value=f"{found.cases} cases, {found.operations} operations")],
        not_tested=_some("schemathesis", missed),
        artifacts=[Artifact(name="schemathesis.txt", text=found.text)],
    )


async def load(exercise: Exercise) -> Section:
    """Rising rates until it no longer keeps up."""
    from backend.exercise.load import plot, text
    from backend.exercise.load.profile import ProfilePlan
    from backend.exercise.load.saturation import Criteria
    from backend.exercise.pressure import put_under_pressure

    if reason := _unserved(exercise):
        return Section(Check.LOAD, not_tested=[f"load {reason}"])
    assert exercise.ground is not None

    async def told(message: str) -> None:
        await exercise.progress(0, 0, message)

    subject = exercise.subject
    plan = ProfilePlan(seconds=3, step_seconds=2, criteria=Criteria(p99=0.25), seed=subject.seed)
    found = await put_under_pressure(exercise.ground, subject.contract, subject.callers, plan, told)
    steady = {name: f"{seconds * 1000:.1f}" for name, seconds in found.steady.percentiles().items()}
    results = [step.result for step in found.saturation.steps]
    return Section(
        Check.LOAD,
        facts=[
            Fact(name="saturation", value=text.verdict(found.saturation)),
            Fact(
                name=f"latency at {found.steady.offered:.0f}/s",
                value=", ".join(f"{name} {value} ms" for name, value in steady.items()),
            ),
        ],
        artifacts=[
            Artifact(name="load.svg", media_type="image/svg+xml", text=plot.rates(found.saturation)),
            Artifact(name="load-over-time.svg", media_type="image/svg+xml", text=plot.course(found.steady)),
            Artifact(name="load.txt", text=text.latency_table([found.steady, *results])),
        ],
    )


async def faults(exercise: Exercise) -> Section:
    """The database and Redis gone, slow and back."""
    from backend.exercise.disruption import disrupt
    from backend.exercise.faults.run import fault_table

    if reason := _unserved(exercise):
        return Section(Check.FAULTS, not_tested=[f"faults {reason}"])
    assert exercise.ground is not None
    report = await disrupt(exercise.ground, exercise.subject.contract, exercise.subject.callers)
    return Section(
        Check.FAULTS,
        report.failures,
        [Fact(name="faults", value=f"{len(report.observations)} scenarios, {len(report.failures)} wrong")],
        not_tested=[f"fault {name}: {reason}" for name, reason in report.not_tested.items()],
        artifacts=[Artifact(name="faults.md", media_type="text/markdown", text=fault_table(report))],
    )


def _unserved(exercise: Exercise) -> str:
    """Why the backend cannot be served on a port of its own; empty where it can."""
    if exercise.ground is None:
        return NEEDS_GROUND
    return NEEDS_PYTHON if exercise.ground.project.node else ""


def _some(check: str, reasons: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    more = len(reasons) - MOST_REASONS
    shown = [f"{check}: {reason}" for reason in reasons[:MOST_REASONS]]
    return [*shown, f"{check}: and {more} more like these"] if more > 0 else shown


SECTIONS: Mapping[Check, Callable[[Exercise], Awaitable[Section]]] = {
    Check.SMOKE: smoke,
    Check.ACCESS: access,
    Check.LAWS: laws,
    Check.CONCURRENCY: concurrency,
    Check.BUDGET: budget,
    Check.FUZZ: fuzz,
    Check.SCHEMATHESIS: schemathesis,
    Check.LOAD: load,
    Check.FAULTS: faults,
}
