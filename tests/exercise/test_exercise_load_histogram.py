"""The histogram against sorting."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.exercise.load.histogram import Histogram

durations = st.lists(st.floats(min_value=0, max_value=600), min_size=1, max_size=200)


@given(durations, st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999, 1.0]))
def test_a_quantile_is_within_one_percent_of_the_sorted_one(values: list[float], share: float) -> None:
    exact = sorted(values)[max(1, math.ceil(share * len(values) - 1e-9)) - 1]
    assert Histogram.of(values).quantile(share) == pytest.approx(exact, rel=0.01, abs=2e-6)


@given(durations, durations)
def test_adding_is_the_same_as_recording_all(first: list[float], second: list[float]) -> None:
    added = Histogram.of(first)
    added.add(Histogram.of(second))
    both = Histogram.of([*first, *second])
    assert added.count == both.count
    assert added.max == both.max
    assert added.mean == pytest.approx(both.mean)
    assert [added.quantile(share / 20) for share in range(21)] == [both.quantile(share / 20) for share in range(21)]


def test_an_empty_histogram_has_zeros() -> None:
    empty = Histogram()
    assert (empty.quantile(0.99), empty.max, empty.mean, empty.count) == (0.0, 0.0, 0.0, 0)


def test_the_greatest_is_exact_and_memory_is_bounded() -> None:
    histogram = Histogram.of(number * 1.7e-5 for number in range(100_000))
    assert histogram.quantile(1.0) == histogram.max == 99_999 * 1.7e-5
    assert len(histogram._counts) < 3000
