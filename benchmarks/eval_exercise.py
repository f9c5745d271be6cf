"""``python -m benchmarks.eval_exercise``: is everything found that was planted, and nothing where nothing was?

The scaffolded shop is exercised as ``exercise_backend`` does it, on SQLite and on PostgreSQL, with at least 5,000
cases of the fuzz; it must pass. Then it is exercised with each bug of ``benchmarks.mutants`` until a check notices,
and with the check that is made for that bug alone. ``docs/kill_table.md`` keeps the outcome.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import backend_architect  # noqa: F401  (claims the import path)
from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Failure
from backend.exercise.subject import Budget
from backend.exercise.suite import QUICK, Exercise, run_checks
from benchmarks.mutants import all_mutants
from benchmarks.mutants.hunt import Kill, hunt, point
from benchmarks.mutants.record import Mutant
from benchmarks.mutants.shop import Yard

TABLE = Path(__file__).resolve().parents[1] / "docs" / "kill_table.md"
CLEAN = Budget(cases=5000, seconds=600)
HUNT = Budget(cases=1000, seconds=300)
ENGINES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Control:
    """The sound shop on one engine."""

    engine: str
    failures: tuple[Failure, ...]
    requests: int
    seconds: float
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Hunted:
    """What became of one planted bug."""

    mutant: Mutant
    kill: Kill | None
    """By the whole suite."""
    checks: dict[str, int]
    """Of the checks made for it: how many failures each found on its own."""

    @property
    def found(self) -> bool:
        """Whether the suite noticed it, and so did each check that has to."""
        return self.kill is not None and all(self.checks.values())


async def control(yard: Yard, engine: str) -> Control:
    """Exercise the sound shop."""
    async with yard.shop(engine=engine, budget=CLEAN) as shop:
        sections = await run_checks(Exercise(shop.subject, shop.ground, _silent), QUICK)
        return Control(
            engine,
            tuple(failure for section in sections for failure in section.failures),
            shop.counted.requests,
            shop.counted.seconds,
            tuple(f"{fact.name}: {fact.value}" for section in sections for fact in section.facts),
        )


async def hunted(yard: Yard, mutant: Mutant) -> Hunted:
    """Exercise the shop with one bug."""
    async with yard.shop(mutant, budget=HUNT) as shop:
        kill = await hunt(shop)
    checks = {}
    for check in mutant.caught_by:
        async with yard.shop(mutant, budget=HUNT) as shop:
            checks[check] = len(await point(shop, check, mutant.resources))
    return Hunted(mutant, kill, checks)


def report(controls: Sequence[Control], hunts: Sequence[Hunted]) -> str:
    """The page."""
    found = sum(each.found for each in hunts)
    return "\n".join(
        [
            "<!-- written by python -m benchmarks.eval_exercise -->",
            "# What exercise_backend finds",
            "",
            f"{found} of {len(hunts)} bugs that were planted in the scaffolded shop (`examples/shop.yaml`) are found;"
            " in the shop without them nothing is.",
            "",
            "## The sound shop",
            "",
            "| engine | failures | requests | seconds | figures |",
            "| --- | --- | --- | --- | --- |",
            *(_control_row(each) for each in controls),
            "",
            "## The kill table",
            "",
            "Each bug is hunted as the tool does it, with all checks in their order. `found by` is the first to notice"
            " it, with the requests and seconds from the start until that check was through. `alone` are the checks"
            " made for it, each of which finds it on its own when it looks at the resources with the bug only.",
            "",
            "| bug | what went wrong | engine | found by | first failing request | requests | seconds | alone |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(_row(each) for each in hunts),
            "",
        ]
    )


def _control_row(each: Control) -> str:
    figures = "<br>".join(each.figures)
    return f"| {each.engine} | {len(each.failures)} | {each.requests:,} | {each.seconds:.0f} | {figures} |"


def _row(each: Hunted) -> str:
    mutant, kill = each.mutant, each.kill
    alone = ", ".join(name if count else f"**not {name}**" for name, count in each.checks.items())
    head = f"| {mutant.kind} (`{mutant.id}`) | {mutant.mistake} | {mutant.engine} "
    if kill is None:
        return f"{head}| **survived** | | | | {alone} |"
    names = ", ".join(dict.fromkeys(failure.check for failure in kill.failures))
    return f"{head}| {names} | {_request(kill.failures[0])} | {kill.requests:,} | {kill.seconds:.1f} | {alone} |"


def _request(failure: Failure) -> str:
    if not failure.exchanges:
        return failure.operation
    status = failure.exchanges[-1].answer.status
    return f"{failure.operation} -> {status or 'no answer'}"


async def _silent(_done: float, _of: float, _message: str) -> None:
    return None


async def main(only: Sequence[str]) -> int:
    """Run everything, or the bugs named in ``only`` without writing the page.

    Returns:
        0 if the sound shop passes and every bug is found.
    """
    wanted = [mutant for mutant in all_mutants() if not only or mutant.id in only]
    host, began = PostgresHost(), perf_counter()
    controls, hunts = [], []
    try:
        with tempfile.TemporaryDirectory() as folder:
            yard = Yard(Path(folder), host)
            for engine in ENGINES if not only else ():
                controls.append(await control(yard, engine))
                print("\n".join(_told(controls[-1])), flush=True)
            for mutant in wanted:
                hunts.append(await hunted(yard, mutant))
                print(_row(hunts[-1]), flush=True)
    finally:
        await host.aclose()
    found = sum(each.found for each in hunts)
    print(f"{found} of {len(hunts)} found in {perf_counter() - began:.0f} s")
    if not only:
        TABLE.write_text(report(controls, hunts), encoding="utf-8")
    sound = not any(each.failures for each in controls)
    return 0 if sound and found == len(hunts) else 1


def _told(each: Control) -> Iterator[str]:
    yield _control_row(each)
    for failure in each.failures:
        yield f"  {failure.check} {failure.operation}: {failure.message}"


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
