"""The comparison of backends: fair, and complete, on loads too small to measure anything."""

from __future__ import annotations

import os
from dataclasses import replace

from backend.exercise.exchange import Call
from backend.exercise.faults.asking import ask
from backend.exercise.load.address import Address
from benchmarks.reference_apps.candidate import CACHED, GET, LIST, MINIMAL, POST, USUAL, Requests
from benchmarks.reference_apps.cores import Cores, cpu_seconds, divided, pinned
from benchmarks.reference_apps.rounds import Contestant, Taking
from benchmarks.reference_backend import contest, disturbances, measure, promises, shown


async def test_both_yardsticks_answer_the_same() -> None:
    async with contest([USUAL, MINIMAL], 60, Cores(frozenset(), frozenset())) as (contestants, _):
        usual, minimal = [each.target for each in contestants]

        async def both(call: Call) -> list[object]:
            seen = [await ask(target, "read", call, 10) for target in (usual, minimal)]
            assert all(each.answer and each.answer.status == 200 for each in seen)
            return [each.answer.json() for each in seen if each.answer]

        first, second = await both(Call("GET", "/api/v1/items?limit=20"))
        assert first == second
        assert len(first["data"]) == 20
        following = Call("GET", f"/api/v1/items?limit=50&cursor={first['meta']['next_cursor']}")
        rest, same = await both(following)
        assert rest == same
        assert rest["meta"]["next_cursor"] is None
        ids = [row["id"] for row in first["data"] + rest["data"]]
        assert len(ids) == len(set(ids)) == 62, "60 rows, and the one each that trying them out made"
        item, same_item = await both(Call("GET", f"/api/v1/items/{ids[3]}"))
        assert item == same_item == {"data": first["data"][3], "meta": {}}


async def test_a_third_backend_takes_part_and_is_held_to_the_promises() -> None:
    third = replace(USUAL, name="reference", requests=Requests(cached="/api/v1/items/{id}"))
    contestants = await measure([USUAL, MINIMAL, third], rows=100, rounds=1, seconds=0.05)
    text = shown(contestants)
    for kind in (GET, LIST, POST):
        assert text.count(f"| {kind} |") == 3
    assert text.count("from cache |") == 1
    assert len(promises(contestants)) == 10, "its name and nine promises"
    assert disturbances(contestants)


def contestant(name: str, rate: float, p99: float, kinds: tuple[str, ...] = (GET, POST)) -> Contestant:
    made = Contestant(name, Address("127.0.0.1", 1), None, {})  # type: ignore[arg-type]
    made.takings = {kind: Taking([rate], [1 / rate], [0.95], [p99 / 2], [p99]) for kind in kinds}
    return made


def test_promises_are_kept_or_missed() -> None:
    yardsticks = [contestant("usual", 100, 0.01), contestant("minimal", 500, 0.002)]
    good = contestant("reference", 300, 0.003, (GET, POST, CACHED))
    assert promises([*yardsticks, good]) == [
        "reference:",
        "kept: GET item: times usual 3.00 (>= 2.5)",
        "kept: GET item: share of minimal 0.60 (>= 0.5)",
        "kept: GET item: p99 1.50 times minimal's (<= 2)",
        "kept: POST item: times usual 3.00 (>= 2.5)",
        "kept: POST item: p99 1.50 times minimal's (<= 2)",
        "MISSED: GET item, from cache: share of minimal's GET item 0.60 (>= 1)",
    ]
    _, *slow = promises([*yardsticks, contestant("slow", 200, 0.02)])
    assert all(line.startswith("MISSED") for line in slow)
    assert disturbances(yardsticks).startswith("Each server used its core")
    yardsticks[1].takings[GET].busy = [0.4]
    assert disturbances(yardsticks).endswith("instead: minimal, GET item (40%)")


def test_the_cores_are_divided_and_given_back() -> None:
    cores = divided()
    assert not cores.server & cores.others
    before = os.sched_getaffinity(0)
    with pinned(cores.others):
        assert os.sched_getaffinity(0) == (cores.others or before)
    assert os.sched_getaffinity(0) == before
    assert cpu_seconds(os.getpid()) > 0
