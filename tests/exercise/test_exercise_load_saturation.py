"""The search for the knee, against a model of a queue whose knee is known, and against a real server."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
from inline_snapshot import snapshot

from backend.exercise.load import plot
from backend.exercise.load.axes import Axes, round_values
from backend.exercise.load.histogram import Histogram
from backend.exercise.load.result import LoadResult, Moment
from backend.exercise.load.saturation import Criteria, Saturation, broken, saturate
from backend.exercise.load.text import caveat, course, latency_table, milliseconds, sparkline, verdict

SERVICE = 0.002
CAPACITY = 1 / SERVICE


def queue(rate: float) -> LoadResult:
    """A second of load on one worker: the mean wait of M/M/1 below capacity, a growing line above it."""
    busy = rate / CAPACITY
    wait = SERVICE / (1 - busy) if busy < 1 else 1.0
    answered = int(min(rate, CAPACITY))
    latency = Histogram.of(wait * (1 + number / answered) for number in range(answered))
    moments = [Moment(second / 10, Histogram.of([wait * (second + 1)])) for second in range(10)]
    return LoadResult(rate, 1.0, int(rate), answered, latency, moments=moments)


async def measured(rate: float) -> LoadResult:
    return queue(rate)


async def search(criteria: Criteria, most: float = 10_000) -> Saturation:
    return await saturate(measured, start=50, most=most, criteria=criteria, halvings=6)


async def test_the_knee_lies_just_below_the_capacity() -> None:
    found = await search(Criteria(p99=0.5))
    assert 0.97 * CAPACITY < found.knee < CAPACITY <= found.breaks_at < 1.03 * CAPACITY
    rates = [step.result.offered for step in found.steps]
    assert rates == sorted(rates)
    assert [bool(step.broken) for step in found.steps] == sorted(bool(step.broken) for step in found.steps)


async def test_a_stricter_limit_moves_the_knee_down() -> None:
    strict, lax = await search(Criteria(p99=0.01)), await search(Criteria(p99=0.1))
    assert strict.knee < lax.knee
    assert "p99" in strict.reason


async def test_a_backend_that_holds_everything_has_no_knee() -> None:
    found = await search(Criteria(), most=300)
    assert (found.knee, found.breaks_at, found.reason) == (300, 0, "")
    assert verdict(found) == "every rate up to 300 requests/s was held"


async def test_one_that_holds_nothing_says_so() -> None:
    found = await search(Criteria(p99=0.001))
    assert found.knee == 0
    assert verdict(found).startswith("not even")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (LoadResult(100, 1, 100, 95, Histogram.of([0.01]), errors=Counter({"5xx": 5})), "5.0% errors (5 5xx)"),
        (LoadResult(100, 1, 100, 100, Histogram.of([0.01]), backlog_at_end=40), "40 requests waited"),
        (LoadResult(100, 1, 100, 100, Histogram.of([0.9])), "p99 900 ms is over 500 ms"),
        (LoadResult(100, 2, 100, 100, Histogram.of([0.1])), "50 of 100 requests a second were answered"),
        (LoadResult(100, 1, 100, 100, Histogram.of([0.1])), ""),
    ],
)
def test_each_way_to_break_is_named(result: LoadResult, reason: str) -> None:
    found = broken(result, Criteria())
    assert found.startswith(reason) and bool(found) == bool(reason)


async def test_the_pictures_are_well_formed_and_hold_the_points() -> None:
    found = await search(Criteria())
    picture = ElementTree.fromstring(plot.rates(found, "GET <\"&'> by rate"))
    tag = "{http://www.w3.org/2000/svg}"
    assert picture.tag == tag + "svg"
    assert len(picture.findall(tag + "polyline")) == 4
    circles = picture.findall(tag + "circle")
    assert len(circles) == 4 * len(found.steps)
    assert any(circle.get("fill") == "#fff" for circle in circles), "rates that were not held are hollow"
    words = [text.text or "" for text in picture.iter(tag + "text")]
    assert f"knee {found.knee:.0f}/s" in words
    for each in picture.findall(tag + "polyline"):
        for x, y in re.findall(r"([\d.]+),([\d.]+)", each.get("points", "")):
            assert 0 <= float(x) <= 720 and 0 <= float(y) <= 360
    assert "polyline" in plot.course(queue(100))
    ElementTree.fromstring(plot.course(LoadResult(10)))


def test_axes_go_from_power_to_power_and_name_round_values() -> None:
    axes = Axes.around([10, 470], [0.3, 45])
    assert axes.y_values() == pytest.approx([0.1, 1, 10, 100])
    assert axes.y(0.0) == axes.y(0.1) > axes.y(100)
    assert round_values(470) == [0, 100, 200, 300, 400]
    assert round_values(1.0)[-1] == pytest.approx(1.0)


def test_results_read_well_in_a_terminal() -> None:
    failed = LoadResult(900, 1, 900, 500, Histogram.of([0.5]), errors=Counter({"timeout": 3, "5xx": 1}))
    assert latency_table([queue(250), failed, LoadResult(0)]) == snapshot("""\
| offered/s | answered/s | p50 ms | p95 ms | p99 ms | p99.9 ms | max ms | errors |
|---:|---:|---:|---:|---:|---:|---:|---:|
| 250 | 250 | 6.00 | 7.79 | 7.95 | 7.98 | 7.98 | 0 |
| 900 | 500 | 500 | 500 | 500 | 500 | 500 | 1 5xx, 3 timeout |
| closed loop | 0 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0 |\
""")
    assert course(queue(250)) == snapshot("p99 over time ▁▂▃▄▅▅▆▇██ at most 40.0 ms")
    assert sparkline([0, 0]) == "▁▁"
    assert [milliseconds(value) for value in (0.00123, 0.0123, 0.123)] == ["1.23", "12.3", "123"]


def test_a_generator_that_is_late_itself_says_so() -> None:
    on_time = LoadResult(10, latency=Histogram.of([0.01]), lateness=Histogram.of([0.001]))
    hidden = LoadResult(10, latency=Histogram.of([0.9]), lateness=Histogram.of([0.02]))
    late = LoadResult(10, latency=Histogram.of([0.03]), lateness=Histogram.of([0.02]))
    assert caveat(on_time) == caveat(hidden) == ""
    assert "20.0 ms late" in caveat(late)
