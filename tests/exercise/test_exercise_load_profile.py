"""The whole measurement, against a server whose capacity is known."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from load_tiny import tiny_server

from backend.exercise.exchange import Call
from backend.exercise.load import plot
from backend.exercise.load.profile import ProfilePlan, profile
from backend.exercise.load.saturation import Criteria
from backend.exercise.load.text import verdict
from backend.exercise.load.workload import Part


async def test_the_knee_of_a_real_server_lies_below_its_capacity() -> None:
    said: list[str] = []

    async def progress(message: str) -> None:
        said.append(message)

    plan = ProfilePlan(rate=40, seconds=0.5, step_seconds=0.4, criteria=Criteria(p99=0.1))
    async with tiny_server(service=0.005) as target:
        found = await profile(target, [Part("read", Call("GET", "/"))], plan, progress)
    assert found.steady.answered == 20
    assert not found.steady.errors
    assert 40 <= found.saturation.knee < found.saturation.breaks_at
    assert found.saturation.knee < 220, "one worker with 5 ms a request answers at most 200 a second"
    assert "it breaks" in verdict(found.saturation)
    assert len(said) == len(found.saturation.steps) + 1
    ElementTree.fromstring(plot.rates(found.saturation))
    ElementTree.fromstring(plot.course(found.steady))


def test_a_plan_stays_within_the_bound_on_requests() -> None:
    plan = ProfilePlan(step_seconds=100, most=1e9)
    assert plan.load(plan.highest, plan.step_seconds).rate == plan.highest
